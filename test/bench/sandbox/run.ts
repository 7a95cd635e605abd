// What the sandbox costs: `npm run bench:sandbox -- [--rounds 300] [--peers [DIR]] [--write]`. `--write` puts the figures into
// README.md beside this file; `--peers` measures isolated-vm too, which takes a C++ compiler and some minutes to build.
import { execFile, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { steadyMs } from '../../../local/drivers/system-clock.ts'
import { installPeers } from '../install-peers.ts'
import { optionsOf } from '../scratch.ts'
import { contendersWith } from './contenders.ts'
import { measure } from './measure.ts'
import { INPUTS, NODES } from './nodes.ts'
import { machineLoad, renderPage } from './render.ts'

const COLD_STARTS = 5
const options = optionsOf(process.argv.slice(2))
const cold = options.get('cold')
const NO_SNAPSHOT = '--no-node-snapshot' // isolated-vm asks for it
const PEERS = new URL('peers.json', import.meta.url)

if (cold !== undefined) process.stdout.write(String(await firstAnswer(cold)))
else if (options.has('peers') && !process.execArgv.includes(NO_SNAPSHOT)) process.exitCode = runAgain()
else await runAll()

/** In a process with the flag that peers ask for. */
function runAgain(): number {
  const peers = installPeers(options.get('peers') ?? 'true', PEERS)
  const others = [...options].flatMap(([name, value]) => (name === 'peers' ? [] : [`--${name}`, value]))
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...others, '--peers', peers.path]
  const { status } = spawnSync(process.execPath, [NO_SNAPSHOT, ...args], { stdio: 'inherit' })
  peers.remove()
  return status ?? 1
}

async function runAll(): Promise<void> {
  const contenders = contendersWith(options.get('peers') ?? null)
  const rounds = Number(options.get('rounds') ?? 300)
  const load = machineLoad()
  const coldMs: Record<string, number> = {}
  for (const name of Object.keys(contenders)) coldMs[name] = await coldStart(name)
  const page = renderPage(
    {
      command: `npm run bench:sandbox --${options.has('peers') ? ' --peers' : ''} --write`,
      measuredOn: new Date().toISOString().slice(0, 10),
      load,
      rounds,
      coldMs,
    },
    await measure(contenders, rounds),
  )
  process.stdout.write(page)
  if (options.has('write')) await writeFile(new URL('README.md', import.meta.url), page)
}

/** In processes of their own; the fastest, since whatever else runs only adds. */
async function coldStart(name: string): Promise<number> {
  const peers = options.has('peers') ? ['--peers', options.get('peers') ?? ''] : []
  const args = [NO_SNAPSHOT, '--import', 'tsx', fileURLToPath(import.meta.url), '--cold', name, ...peers]
  const taken: number[] = []
  for (let time = 0; time < COLD_STARTS; time++) {
    taken.push(Number((await promisify(execFile)(process.execPath, args)).stdout))
  }
  return Math.min(...taken)
}

async function firstAnswer(name: string): Promise<number> {
  const began = steadyMs()
  const contender = contendersWith(options.get('peers') ?? null)[name]?.()
  await contender?.run(NODES['1 KB of inputs'] ?? '', INPUTS, 5_000)
  const taken = steadyMs() - began
  await contender?.close()
  return taken
}
