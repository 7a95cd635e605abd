import { FUNCTIONS } from '../../../functions/manifest.ts'
import type { MessageFaults } from '../../../local/queue/message-faults.ts'
import { openRunner } from '../../../local/runner/open-runner.ts'
import { SCHEDULED } from '../../../scheduled/manifest.ts'
import { parseConfig } from '../../../shared/platform/config.ts'
import { PROBE_FUNCTIONS, PROBE_SCHEDULED } from '../probes/probes.ts'
import { messageChance } from '../suite/message-chance.ts'

/** What the suite asks of a runner's process, over its channel. */
export type Asked = { readonly id: number } & (
  | { readonly fire: string }
  | { readonly deadLetters: true }
  /** The seed of its network; null for a sound one. */
  | { readonly drive: number | null }
  | { readonly driven: true }
)

let network: MessageFaults | null = null

/** What it answers: first where it listens, then each thing that was asked. */
export type Told = { readonly url: string } | { readonly id: number; readonly value: unknown }

const runner = await openRunner(parseConfig(process.env), {
  functions: [...FUNCTIONS, ...PROBE_FUNCTIONS],
  scheduled: [...SCHEDULED, ...PROBE_SCHEDULED],
  messageFaults: { decide: (at, message) => network?.decide(at, message) ?? {} },
})
const { url } = await runner.listen()
tell({ url })

process.on('message', async (asked: Asked) => {
  if ('fire' in asked) tell({ id: asked.id, value: await runner.fire(asked.fire) })
  else if ('driven' in asked) tell({ id: asked.id, value: await driven() })
  else if ('drive' in asked) {
    network = asked.drive === null ? null : messageChance(asked.drive)
    tell({ id: asked.id, value: null })
  } else tell({ id: asked.id, value: await runner.deadLetters() })
})
process.on('SIGINT', () => undefined) // Ctrl-C reaches the whole group; the suite asks it to stop when it is done
process.on('disconnect', () => void runner.stop().finally(() => process.exit(0)))

async function driven() {
  const { queue } = runner
  return { counts: queue.counts(), depth: await queue.depth(), dead: await queue.dead() }
}

function tell(told: Told): void {
  process.send?.(told)
}
