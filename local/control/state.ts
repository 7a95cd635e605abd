import { faultSettingsText } from '../../shared/platform/fault-settings.ts'
import type { Sources } from '../../shared/platform/source.ts'
import type { Controls } from './controls.ts'

const MESSAGES_SHOWN = 500
const STRUCK_SHOWN = 200

/** Everything that the inspector and the command line show. */
export async function stateOf({ clock, queue, schedule, faults, invocations }: Controls, sources: Sources) {
  const messages = await queue.peek()
  const living = messages.filter(({ state }) => state !== 'dead')
  const dead = messages.filter(({ state }) => state === 'dead')
  const states = { ready: 0, in_flight: 0, later: 0, dead: 0 }
  for (const { state } of messages) states[state]++
  return {
    clock: { now: clock.now(), offset_ms: clock.offsetMs, time_zone: clock.timeZone },
    queue: {
      depth: living.length,
      states,
      messages: living.slice(0, MESSAGES_SHOWN),
      dead: dead.slice(-MESSAGES_SHOWN),
      counts: queue.counts(),
    },
    cron: schedule.list(),
    sources: sources.list().map(({ name }) => name),
    faults: {
      settings: faultSettingsText(faults.settings),
      ...faults.settings,
      decisions: faults.decisions(),
      struck: faults.struck.slice(-STRUCK_SHOWN),
    },
    invocations: invocations.list(),
  }
}
