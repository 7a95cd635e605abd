// A runner of its own process for takeover.ts: `--url postgres://… --directory DIR [--start]`. It tells when a step begins, which then hangs.
import { join } from 'node:path'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { openRunner } from '../../../local/runner/open-runner.ts'
import { PIPELINE, STEPS } from '../../../shared/engine/pipeline.ts'
import { stepFunction } from '../../../shared/engine/step-function.ts'
import { parseConfig } from '../../../shared/platform/config.ts'
import { optionsOf } from '../scratch.ts'

const options = optionsOf(process.argv.slice(2))
const url = options.get('url') ?? ''
const directory = options.get('directory') ?? ''
const config = parseConfig({
  DATABASE_URL: url,
  HELIX_SOURCE_BENCH_URL: url,
  HELIX_DATA_DIR: directory,
  HELIX_FILES_ROOT: join(directory, 'files'),
})
const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)
const steps = STEPS.map((step) => ({
  name: PIPELINE[step].function,
  trigger: 'queue' as const,
  app: stepFunction(step, async () => {
    tell({ begins: true, at: Date.now() })
    return await new Promise(() => undefined)
  }),
}))
const functions = [...FUNCTIONS.filter(({ trigger }) => trigger === 'http'), ...steps]
const runner = await openRunner(config, { quiet: true, functions })
tell({ ready: true, at: Date.now() })
if (options.has('start')) {
  const body = JSON.stringify({ db_name: 'bench', language: 'en' })
  const headers = { 'content-type': 'application/json' }
  const path = 'http://helix/api/v0/data_pipeline/tasks/execute-complete'
  const response = await runner.fetch(new Request(path, { method: 'POST', headers, body }))
  if (response.status !== 202) throw new Error(`The task was not started: ${await response.text()}`)
}
