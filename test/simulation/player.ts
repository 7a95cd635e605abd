import { hunt } from './mutant.ts'
import { MUTATIONS } from './mutations/all.ts'
import { playSeed } from './play.ts'
import type { Order } from './share.ts'
import { openTheatre, type Theatre } from './stage.ts'
import { SyncPostgres } from './sync-postgres.ts'

// Does what its parent sends, one after the other, on one Postgres.
const postgres = await SyncPostgres.open()
let theatre: Theatre | undefined

process.on('message', (order: Order | 'end') => {
  if (order === 'end') process.exit(0)
  perform(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      process.stderr.write(`${JSON.stringify(order)}: ${error instanceof Error ? error.stack : String(error)}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')

async function perform(order: Order): Promise<unknown> {
  if ('seed' in order) {
    theatre ??= await openTheatre(postgres)
    return await playSeed(theatre, order.seed)
  }
  const mutation = MUTATIONS.find(({ name }) => name === order.mutant)
  if (mutation === undefined) throw new Error(`There is no mutation "${order.mutant}"`)
  return await hunt(mutation, postgres, order.seedsMax)
}
