import { createInterface } from 'node:readline'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { openRunner } from '../../../local/runner/open-runner.ts'
import { SCHEDULED } from '../../../scheduled/manifest.ts'
import { parseConfig } from '../../../shared/platform/config.ts'
import { PROBE_FUNCTIONS, PROBE_SCHEDULED } from '../probes/probes.ts'
import type { Asked, Told } from './local.ts'

// As `helix start`, with the probes beside Helix's own functions. A container has no channel to its parent, so the suite
// asks on standard input and is answered on standard output, among the lines of the log.
const runner = await openRunner(parseConfig(process.env), {
  functions: [...FUNCTIONS, ...PROBE_FUNCTIONS],
  scheduled: [...SCHEDULED, ...PROBE_SCHEDULED],
})
process.once('SIGTERM', () => void runner.stop().finally(() => process.exit(0)))
tell(await runner.listen())

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as Asked
  if ('fire' in asked) void runner.fire(asked.fire).then((value) => tell({ id: asked.id, value }))
  else void runner.deadLetters().then((value) => tell({ id: asked.id, value }))
}

function tell(told: Told): void {
  process.stdout.write(`${JSON.stringify({ told })}\n`)
}
