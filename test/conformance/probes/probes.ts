import type { FunctionDefinition } from '../../../functions/manifest.ts'
import type { ScheduledDefinition } from '../../../scheduled/manifest.ts'
import { filesProbe } from './files-probe.ts'
import { bytesProbe, echoProbe, failProbe, invocationProbe, slowProbe } from './http-probe.ts'
import { deferProbe, deliveriesProbe, messageProbe, sendProbe } from './message-probe.ts'
import { storeProbe } from './store-probe.ts'
import { tickFailsProbe, tickProbe } from './tick-probe.ts'

/** What a target serves beside Helix's own functions: they show from inside what a platform does to a function. */
export const PROBE_FUNCTIONS: readonly FunctionDefinition[] = [
  { name: 'conformance-echo', trigger: 'http', app: echoProbe },
  { name: 'conformance-bytes', trigger: 'http', app: bytesProbe },
  { name: 'conformance-slow', trigger: 'http', app: slowProbe },
  { name: 'conformance-fail', trigger: 'http', app: failProbe },
  { name: 'conformance-invocation', trigger: 'http', app: invocationProbe },
  { name: 'conformance-send', trigger: 'http', app: sendProbe },
  { name: 'conformance-deliveries', trigger: 'http', app: deliveriesProbe },
  { name: 'conformance-defer', trigger: 'http', app: deferProbe },
  { name: 'conformance-files', trigger: 'http', app: filesProbe },
  { name: 'conformance-store', trigger: 'http', app: storeProbe },
  { name: 'conformance-tick-fails', trigger: 'http', app: tickFailsProbe },
  { name: 'conformance-probe', trigger: 'queue', app: messageProbe },
]

/** On an expression that Helix fires anyway: platforms limit how many distinct ones there are. */
export const PROBE_SCHEDULED: readonly ScheduledDefinition[] = [
  { name: 'conformance-tick', cron: '* * * * *', app: tickProbe },
]
