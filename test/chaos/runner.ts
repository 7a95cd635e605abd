import { writeSync } from 'node:fs'
import { FUNCTIONS } from '../../functions/manifest.ts'
import { openRunner } from '../../local/runner/open-runner.ts'
import { SCHEDULED } from '../../scheduled/manifest.ts'
import { parseConfig } from '../../shared/platform/config.ts'
import { chaosSteps, type Tell } from './steps.ts'

// A runner as `helix start` opens one, with steps of its own, in a process that may be killed or frozen at any moment.

const SWEEP_MS = 1_000 // the crons of a minute would leave too few sweeps in a run of minutes

process.on('SIGINT', () => undefined) // Ctrl-C reaches the whole group; whoever started it takes everything away
process.on('disconnect', () => process.exit(0))

const STDOUT = 1
writeSync(STDOUT, '\n') // the process before may have been killed in the middle of a line
const tell: Tell = (event) => void writeSync(STDOUT, `${JSON.stringify(event)}\n`)

const config = parseConfig(process.env)
const functions = [...FUNCTIONS.filter(({ trigger }) => trigger === 'http'), ...chaosSteps(tell)]
const runner = await openRunner(config, { functions, scheduled: SCHEDULED, port: config.API_PORT ?? 0 })
const { url } = await runner.listen()
process.send?.({ url, workerId: runner.platform.workerId })

setInterval(() => {
  for (const cron of new Set(SCHEDULED.map((definition) => definition.cron))) {
    runner.fire(cron).catch((cause: unknown) => tell({ event: 'chaos.cron-failed', message: String(cause) }))
  }
}, SWEEP_MS)
