import pg from 'pg'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { callScheduled, openTriggers } from '../../../functions/triggers.ts'
import { SCHEDULED } from '../../../scheduled/manifest.ts'
import { findUnclaimed } from '../../../shared/engine/unclaimed.ts'
import type { Platform } from '../../../shared/platform/platform.ts'
import { runChild } from './children.ts'
import { median, type Rate } from './closed-loop.ts'
import { fillStore, makeZombies } from './fill.ts'
import { openHelix } from './helix.ts'
import { inDirectory } from './latency.ts'
import { type Scan, scan } from './scans.ts'

const ZOMBIES = 100
const FEW_TASKS = 1_000

export interface ScaleResult {
  readonly tasks: number
  readonly sweptMs: number
  readonly scans: readonly Scan[]
  /** Cost of one workflow with that many tasks in the store, as a multiple of the cost with a thousand. */
  readonly flatness: Record<number, { few: number; many: number; ratio: number }>
}

export interface ScaleOptions {
  readonly few: string
  readonly many: string
  readonly tasks: number
  readonly rounds: number
  readonly seconds: number
  readonly say: (text: string) => void
}

/** The same engine on a store of a thousand tasks and on one of a million. */
export async function measureScale(options: ScaleOptions): Promise<ScaleResult> {
  for (const [url, count] of [
    [options.few, FEW_TASKS],
    [options.many, options.tasks],
  ] as const) {
    await inDirectory(async (directory) => {
      const helix = await openHelix({ url, directory })
      const model = await helix.accept()
      await helix.finished(model)
      await helix.close()
      await fillStore(url, model, count, options.say)
    })
  }
  const scans = await measureScans(options)
  return {
    tasks: options.tasks,
    sweptMs: scans[0]?.medianMs ?? Number.NaN,
    scans,
    flatness: await measureFlatness(options),
  }
}

async function measureScans({ many, rounds, say }: ScaleOptions): Promise<Scan[]> {
  const admin = new pg.Client({ connectionString: many })
  await admin.connect()
  const scans = await inDirectory(async (directory) => {
    const helix = await openHelix({ url: many, directory })
    // What the sweep sends is not worked on here: only the sweep is measured.
    const platform: Platform = { ...helix.platform, queue: { send: async () => undefined }, takesSteps: () => false }
    const triggers = openTriggers(FUNCTIONS, [])
    const get = async (path: string) => {
      const response = await triggers.fetch(platform, new Request(`http://helix/api/v0/data_pipeline/tasks${path}`))
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
      await response.text()
    }
    const sweeper = SCHEDULED.find(({ name }) => name === 'sweep-zombies')
    if (sweeper === undefined) throw new Error('There is no sweep')
    const sweep = async () => {
      const { response } = await callScheduled(sweeper, platform)
      const counts = (await response.json()) as { seen?: number }
      if (counts.seen !== ZOMBIES) throw new Error(`The sweep saw ${JSON.stringify(counts)}`)
    }
    const zombies = async () => {
      await admin.query(
        `update data_pipeline_task_executions set status = 'completed', completed_at = created_at where status in ('queued', 'running')`,
      )
      await makeZombies(admin, ZOMBIES, platform.clock.now())
    }
    const found = [
      await scan(admin, `sweep, ${ZOMBIES} zombies taken over`, rounds, sweep, zombies),
      await scan(admin, 'look for unclaimed work', rounds, () =>
        findUnclaimed(platform.store, platform.clock.now(), 8),
      ),
      await scan(admin, 'newest tasks', rounds, () => get('?limit=50')),
      await scan(admin, 'tasks by status', rounds, () => get('?status=failed&limit=50')),
      await scan(admin, 'active task', rounds, () => get('/active')),
      await scan(admin, 'one task', rounds, () => get('/fill_777')),
      await scan(admin, "one task's executions", rounds, () => get('/fill_777/executions')),
      await scan(admin, "one task's log", rounds, () => get('/fill_777/logs?limit=100')),
    ]
    await helix.close()
    return found
  })
  await admin.end()
  for (const one of scans)
    say(`${one.name}: ${one.medianMs.toFixed(1)} ms, ${one.sequentialRows} rows without an index`)
  return scans
}

async function measureFlatness({ few, many, rounds, seconds, say }: ScaleOptions): Promise<ScaleResult['flatness']> {
  const flatness: ScaleResult['flatness'] = {}
  for (const at of [1, 50]) {
    const rates: { few: number[]; many: number[] } = { few: [], many: [] }
    for (let round = 0; round < rounds; round += 1) {
      for (const [size, url] of [
        ['few', few],
        ['many', many],
      ] as const) {
        await runChild('child.ts', { contender: 'helix', url, at, seconds, warm: 2 }, (line) => {
          if (line.begins !== true) rates[size].push((line as unknown as Rate).perSecond)
        })
      }
    }
    const [fewRate, manyRate] = [median(rates.few), median(rates.many)]
    flatness[at] = { few: fewRate, many: manyRate, ratio: fewRate / manyRate }
    say(`at ${at}: ${fewRate.toFixed(1)}/s with few tasks, ${manyRate.toFixed(1)}/s with many`)
  }
  return flatness
}
