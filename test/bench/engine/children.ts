import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { RUNNER_OPTIONS } from '../../../local/supervisor/open-supervisor.ts'
import { bundle } from '../../support/bundle.ts'

const CHILD_MS_MAX = 120_000 // a contender that hangs fails the run, and is not left behind

// Removed once all is measured: for minutes after thousands of files were deleted, ext4 looks at each of their inodes
// before it gives out another one, and a new file takes ten times as long.
const scratch = mkdtempSync(join(tmpdir(), 'helix-bench-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

const bundles = new Map<string, Promise<string>>()

/** One file, as functions are deployed. */
function bundleOf(program: string): Promise<string> {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const made = bundles.get(program) ?? bundle(path, `bench-${program.replace('.ts', '')}`)
  bundles.set(program, made)
  return made
}

/** Starts a program of the bench, every contender as a runner is started, and hands over each line of JSON that it prints. @throws when it fails or hangs */
export async function runChild(
  program: string,
  options: Readonly<Record<string, string | number>>,
  onLine: (line: Record<string, unknown>) => void,
): Promise<void> {
  const directory = mkdtempSync(join(scratch, 'child-'))
  const named = Object.entries({ directory, ...options }).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn(process.execPath, ['--no-warnings', ...RUNNER_OPTIONS, await bundleOf(program), ...named], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((done) => child.on('close', done))
  const timer = setTimeout(() => child.kill('SIGKILL'), CHILD_MS_MAX)
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) onLine(JSON.parse(line) as Record<string, unknown>)
  }
  const code = await ended
  clearTimeout(timer)
  if (code !== 0) throw new Error(`${program} ${named.join(' ')} ended with ${code}`)
}
