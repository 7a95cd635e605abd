import { parseArgs } from 'node:util'
import { testPlatform } from '../support/test-platform.ts'
import { type Outcome, playCase } from './play.ts'

const HELP = `npm run rollbacks -- [options]
  --seeds N   plays the seeds 1 to N, each a case of its own (default 1000)
  --from N    begins with this seed (default 1)
  --seed N    plays one seed
  --json      the counts as one line of JSON

Each case damages tasks, cleans up what is dirty, and undoes it; every row and file is compared by its hash. The store is a
database of its own on the server of HELIX_TEST_DATABASE_URL, else an embedded one.`

const SAY_EVERY = 100

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const out = (text: string) => process.stdout.write(`${text}\n`)

if (values.help) out(HELP)
else process.exitCode = await play()

function whole(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new Error(`"${text}" is not a whole number`)
  return number
}

/** @returns the exit code: 1 for any violation */
async function play(): Promise<number> {
  const from = whole(values.seed ?? values.from)
  const to = values.seed === undefined ? whole(values.seeds) : from
  await using platform = await testPlatform()
  const failed: Outcome[] = []
  let [cases, cleanups] = [0, 0]
  for (let seed = from; seed <= to; seed++) {
    const outcome = await playCase(platform, seed)
    cases += 1
    cleanups += outcome.cleanups
    if (outcome.violations.length > 0) failed.push(outcome)
    for (const violation of outcome.violations) process.stderr.write(`seed ${seed}: ${violation}\n`)
    if (cases % SAY_EVERY === 0) process.stderr.write(`${cases} cases, ${cleanups} clean-ups undone\n`)
  }
  const counts = { cases, cleanups, violations: failed.length, seeds: failed.map(({ seed }) => seed) }
  if (values.json) out(JSON.stringify(counts))
  else out(`${cases} cases, ${cleanups} clean-ups executed and undone, ${failed.length} with violations`)
  return failed.length > 0 ? 1 : 0
}
