import { parseArgs } from 'node:util'
import { MUTATIONS } from './mutations/all.ts'
import { type Outcome, planFrom, playSeed, type Settings, settingsFlags } from './play.ts'
import { shareHunts, shareSeeds } from './share.ts'
import { shrink } from './shrink.ts'
import { openTheatre } from './stage.ts'
import { playSystematically } from './systematic.ts'

const HELP = `npm run sim -- [options]
  --seeds N        plays the seeds 1 to N (default 1000)
  --from N         begins with this seed (default 1)
  --seed N         plays one seed and prints its trace
  --faults 3,17    only the faults at these steps strike (with --seed)
  --runners N, --tasks N, --requests N   a smaller world than the seed's
  --systematic     one task and one run of a workflow, one crash at each await of a port
  --mutants        plants each known bug and says after how many seeds it is found; --mutant NAME,NAME for some
  --jobs N         processes that share the seeds (default 2)
  --json           the counts as one line of JSON
  --quiet          no trace`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    faults: { type: 'string' },
    runners: { type: 'string' },
    tasks: { type: 'string' },
    requests: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    mutants: { type: 'boolean', default: false },
    mutant: { type: 'string' },
    systematic: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const out = (text: string) => process.stdout.write(`${text}\n`)

if (values.help) out(HELP)
else if (values.systematic) process.exitCode = await systematic()
else if (values.mutants || values.mutant !== undefined) process.exitCode = await mutants()
else if (values.seed !== undefined) process.exitCode = await one(whole(values.seed))
else process.exitCode = await many()

function whole(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new Error(`"${text}" is not a whole number`)
  return number
}

function settings(): Settings {
  const optional = (text: string | undefined) => (text === undefined ? undefined : whole(text))
  return {
    runners: optional(values.runners),
    tasks: optional(values.tasks),
    requests: optional(values.requests),
    faults:
      values.faults === undefined
        ? null
        : values.faults
            .split(',')
            .filter((text) => text !== '')
            .map(whole),
  }
}

/** One seed, with its trace. */
async function one(seed: number): Promise<number> {
  const theatre = await openTheatre()
  const outcome = await playSeed(theatre, seed, settings(), !values.quiet && !values.json)
  if (values.json) out(JSON.stringify({ ...outcome, trace: undefined }))
  else {
    for (const line of outcome.trace ?? []) out(line)
    out(
      `Trace ${outcome.hash}, ${outcome.steps} steps, faults at ${outcome.struck.map(({ step }) => step).join(',') || 'none'}`,
    )
    if (outcome.violation !== null) tell(outcome)
  }
  await theatre.close()
  return outcome.violation === null ? 0 : 1
}

function tell({ seed, violation }: Outcome): void {
  out(`Seed ${seed} violates ${violation?.invariant}: ${violation?.message}`)
}

/** Many seeds over some processes; the first that fails is made as small as it gets. */
async function many(): Promise<number> {
  const from = whole(values.from)
  const seeds = whole(values.seeds)
  const tally = await shareSeeds({ from, to: from + seeds - 1, jobs: whole(values.jobs) }, (done, violations) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${seeds} seeds, ${violations} violations `)
  })
  if (process.stderr.isTTY) process.stderr.write('\n')
  const [first] = tally.failed
  const replay = first === undefined ? null : await smallest(first)
  const { counts } = tally
  const line =
    `${tally.seeds} seeds, ${tally.failed.length} violations, ${tally.steps} steps, ${tally.faults} faults, ` +
    `${(counts.kills ?? 0) + (counts.crashes ?? 0)} crashes, ${counts.takeovers ?? 0} takeovers`
  if (values.json) {
    const failed = tally.failed.map(({ seed, violation }) => ({ seed, ...violation }))
    out(
      JSON.stringify({
        seeds: tally.seeds,
        violations: failed.length,
        steps: tally.steps,
        faults: tally.faults,
        failed,
        replay,
        counts,
      }),
    )
  } else out(line)
  return tally.failed.length === 0 ? 0 : 1
}

async function smallest(failed: Outcome): Promise<string> {
  if (!values.json) tell(failed)
  const theatre = await openTheatre()
  const small = await shrink(
    failed.violation?.invariant ?? '',
    { faults: failed.struck.map(({ step }) => step), ...planFrom(failed.seed) },
    (tried) => playSeed(theatre, failed.seed, tried),
  )
  const again = await playSeed(theatre, failed.seed, small)
  await theatre.close()
  const command = `npm run sim -- --seed ${failed.seed} ${settingsFlags(small)}`
  if (!values.json) {
    out(`Smallest: ${again.violation?.invariant}: ${again.violation?.message}`)
    for (const { step, kind } of again.struck) out(`  fault at step ${step}: ${kind}`)
    out(`Replay: ${command}`)
  }
  return command
}

async function systematic(): Promise<number> {
  const theatre = await openTheatre()
  const { points, failures } = await playSystematically(theatre)
  for (const { strike, violation } of failures)
    out(`${strike.kind} at step ${strike.step}: ${violation.invariant}: ${violation.message}`)
  if (values.json) out(JSON.stringify({ points, survived: points - failures.length, failures }))
  else out(`${points - failures.length} of ${points} points survive`)
  await theatre.close()
  return failures.length === 0 ? 0 : 1
}

async function mutants(): Promise<number> {
  const wanted = values.mutant?.split(',') ?? MUTATIONS.map(({ name }) => name)
  const settings = { seedsMax: whole(values.seeds), jobs: whole(values.jobs) }
  const verdicts = await shareHunts(wanted, settings, ({ name, seeds, invariant }) => {
    if (!values.json) out(`${name}: ${seeds === null ? 'NOT FOUND' : `${seeds} seeds, ${invariant}`}`)
  })
  const found = verdicts.filter(({ seeds }) => seeds !== null).length
  if (values.json) out(JSON.stringify({ mutants: verdicts.length, found, verdicts }))
  else out(`${found} of ${verdicts.length} mutants found`)
  return found === verdicts.length ? 0 : 1
}
