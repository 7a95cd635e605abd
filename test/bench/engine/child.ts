// One contender in a process of its own, so that none is disturbed by another's timers or garbage: run.ts starts it.
// `--contender helix --url postgres://… --directory DIR --at 50 --seconds 5 [--warm 2] [--count 200] [--peers DIR]`; lines of JSON tell when it begins to measure and what it has measured.
import { optionsOf } from '../scratch.ts'
import { closedLoop, runCount } from './closed-loop.ts'
import { CONTENDERS } from './contenders.ts'

const WARM_AT = 50
const SETTLE_SECONDS = 1

const options = optionsOf(process.argv.slice(2))
const name = options.get('contender') ?? ''
const open = CONTENDERS[name]
if (open === undefined) throw new Error(`There is no contender "${name}"`)
const concurrency = Number(options.get('at') ?? 1)
const url = options.get('url') ?? ''
const contender = await open({
  url,
  concurrency,
  directory: options.get('directory') ?? '',
  peersDir: options.get('peers') ?? '',
})
await closedLoop(contender.run, WARM_AT, Number(options.get('warm') ?? 2)) // one that works for days is compiled: it takes thousands of workflows
await closedLoop(contender.run, concurrency, SETTLE_SECONDS)
tell({ begins: true })
const count = options.get('count')
if (count === undefined) {
  const cpu = process.cpuUsage()
  const rate = await closedLoop(contender.run, concurrency, Number(options.get('seconds') ?? 5))
  const { user, system } = process.cpuUsage(cpu)
  tell({ ...rate, nodeCpuMs: (user + system) / 1_000 })
} else {
  await runCount(contender.run, concurrency, Number(count))
  tell({ count: Number(count) })
}
await contender.close()
process.exit(0)

function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
