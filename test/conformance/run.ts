import { fileURLToPath } from 'node:url'
import { CASES } from './cases/all.ts'
import { renderMatrix, writeMatrix } from './matrix.ts'
import { conform } from './suite/conform.ts'
import { currentOf, type Recordings, record, suiteOf } from './suite/results.ts'
import { loadTarget } from './suite/targets.ts'
import { openWorld } from './world.ts'

const SECOND_MS_MIN = 1_000

const code = await conform(process.argv.slice(2), {
  cases: CASES,
  load: loadTarget,
  openWorld,
  publish,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  signal: interrupted(),
  today: new Date().toISOString().slice(0, 10),
})
process.exit(code) // cases of an interrupted run would go on waiting

/** Records these runs, and puts all recorded ones of this suite into both READMEs. */
async function publish(runs: Recordings): Promise<void> {
  const all = currentOf(await record(runs), suiteOf(CASES))
  await writeMatrix(pathOf('README.md'), renderMatrix(all, 'en'))
  await writeMatrix(pathOf('README.zh-CN.md'), renderMatrix(all, 'zh'))
}

/** Aborts at the first Ctrl-C or mishap, so that everything is taken away; a second Ctrl-C ends the process at once. */
function interrupted(): AbortSignal {
  const abort = new AbortController()
  for (const mishap of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(mishap, (cause: unknown) => {
      process.stderr.write(`${cause instanceof Error ? cause.stack : String(cause)}\n`)
      abort.abort()
    })
  }
  let firstAt = Number.POSITIVE_INFINITY
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // One Ctrl-C comes twice: to the whole group, and once more from npm.
      if (Date.now() - firstAt > SECOND_MS_MIN) process.exit(130)
      firstAt = Math.min(firstAt, Date.now())
      abort.abort()
    })
  }
  return abort.signal
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url))
}
