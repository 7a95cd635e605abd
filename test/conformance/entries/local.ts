import { FUNCTIONS } from '../../../functions/manifest.ts'
import { openRunner } from '../../../local/runner/open-runner.ts'
import { SCHEDULED } from '../../../scheduled/manifest.ts'
import { parseConfig } from '../../../shared/platform/config.ts'
import { PROBE_FUNCTIONS, PROBE_SCHEDULED } from '../probes/probes.ts'

/** What the suite asks of a runner's process, over its channel. */
export type Asked = { readonly id: number } & ({ readonly fire: string } | { readonly deadLetters: true })

/** What it answers: first where it listens, then each thing that was asked. */
export type Told = { readonly url: string } | { readonly id: number; readonly value: unknown }

const runner = await openRunner(parseConfig(process.env), {
  functions: [...FUNCTIONS, ...PROBE_FUNCTIONS],
  scheduled: [...SCHEDULED, ...PROBE_SCHEDULED],
})
const { url } = await runner.listen()
tell({ url })

process.on('message', async (asked: Asked) => {
  if ('fire' in asked) tell({ id: asked.id, value: await runner.fire(asked.fire) })
  else tell({ id: asked.id, value: runner.deadLetters() })
})
process.on('SIGINT', () => undefined) // Ctrl-C reaches the whole group; the suite asks it to stop when it is done
process.on('disconnect', () => void runner.stop().finally(() => process.exit(0)))

function tell(told: Told): void {
  process.send?.(told)
}
