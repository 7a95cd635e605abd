// What the sandbox costs: `npm run bench:sandbox -- [--rounds 300] [--write]`. `--write` puts the figures into README.md
// beside this file.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { steadyMs } from '../../../local/drivers/system-clock.ts'
import { optionsOf } from '../scratch.ts'
import { CONTENDERS } from './contenders.ts'
import { measure } from './measure.ts'
import { INPUTS, NODES } from './nodes.ts'
import { machineLoad, renderPage } from './render.ts'

const COLD_STARTS = 5
const options = optionsOf(process.argv.slice(2))
const cold = options.get('cold')
if (cold === undefined) await runAll()
else process.stdout.write(String(await firstAnswer(cold)))

async function runAll(): Promise<void> {
  const rounds = Number(options.get('rounds') ?? 300)
  const load = machineLoad()
  const coldMs: Record<string, number> = {}
  for (const name of Object.keys(CONTENDERS)) coldMs[name] = await coldStart(name)
  const page = renderPage(
    {
      command: 'npm run bench:sandbox -- --write',
      measuredOn: new Date().toISOString().slice(0, 10),
      load,
      rounds,
      coldMs,
    },
    await measure(rounds),
  )
  process.stdout.write(page)
  if (options.has('write')) await writeFile(new URL('README.md', import.meta.url), page)
}

/** In processes of their own; the fastest, since whatever else runs only adds. */
async function coldStart(name: string): Promise<number> {
  const args = ['--import', 'tsx', fileURLToPath(import.meta.url), '--cold', name]
  const taken: number[] = []
  for (let time = 0; time < COLD_STARTS; time++) {
    taken.push(Number((await promisify(execFile)(process.execPath, args)).stdout))
  }
  return Math.min(...taken)
}

async function firstAnswer(name: string): Promise<number> {
  const began = steadyMs()
  const contender = CONTENDERS[name]?.()
  await contender?.run(NODES['1 KB of inputs'] ?? '', INPUTS, 5_000)
  const taken = steadyMs() - began
  await contender?.close()
  return taken
}
