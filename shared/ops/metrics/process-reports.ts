import type { MachineReading } from '../../platform/machine.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import { instanceOf } from './machine-samples.ts'

/** What a process tells of itself. Null where it can't tell, or where nobody may judge it. */
export interface ProcessReport {
  readonly instance: string
  readonly workerId: string
  readonly at: Date
  readonly disk: { readonly root: string; readonly freeBytes: number; readonly totalBytes: number } | null
  readonly pool: MachineReading['pool']
  readonly clockSkewMs: number | null
}

const RECENT_MS = 150_000 // two minutes' samples; who has told nothing for so long may be gone
export const GONE_MS = 60 * 60_000 // who has told nothing for so long is
const PROCESSES_MAX = 100

// By idx_samples_metric. Of each process its newest figures.
const LATEST = `
  with heard as (
    select instance
      from metric_samples
     where metric = any($1) and at > $2 and ($3::text is null or instance = $3) and instance <> $4
     group by instance
     order by max(at) desc, instance
     limit ${PROCESSES_MAX}
  )
  select distinct on (instance, metric) instance, metric, value, labels, at
    from metric_samples
    join heard using (instance)
   where metric = any($1) and at > $2
   order by instance, metric, at desc`

const METRICS = [
  'disk_free_bytes',
  'disk_total_bytes',
  'store_connections',
  'store_connections_idle',
  'store_connections_waiting',
  'store_connections_max',
  'store_checkout_seconds',
  'clock_skew_seconds',
]

interface Row {
  readonly instance: string
  readonly metric: string
  readonly value: number
  readonly labels: Readonly<Record<string, string>>
  readonly at: Date
}

/** What all other processes have told lately, by the samples that each writes of itself. */
export async function otherProcesses({ store, clock, workerId }: Platform): Promise<ProcessReport[]> {
  return await reports(store, new Date(clock.now().getTime() - RECENT_MS), null, instanceOf(workerId))
}

/** What a process said last within the hour, and whether that is recent; null where it has told nothing. */
export async function lastReport(
  { store, clock }: Pick<Platform, 'store' | 'clock'>,
  instance: string,
): Promise<(ProcessReport & { readonly isRecent: boolean }) | null> {
  const now = clock.now().getTime()
  const [report] = await reports(store, new Date(now - GONE_MS), instance, '')
  return report === undefined ? null : { ...report, isRecent: now - report.at.getTime() <= RECENT_MS }
}

async function reports(store: Queryable, since: Date, one: string | null, without: string): Promise<ProcessReport[]> {
  const { rows } = await store.query<Row>(LATEST, [METRICS, since, one, without])
  const instances = [...new Set(rows.map(({ instance }) => instance))]
  return instances.map((instance) =>
    reportOf(instance, new Map(rows.filter((row) => row.instance === instance).map((row) => [row.metric, row]))),
  )
}

function reportOf(instance: string, rows: ReadonlyMap<string, Row>): ProcessReport {
  const value = (metric: string) => rows.get(metric)?.value
  const free = rows.get('disk_free_bytes')
  const checkout = rows.get('store_checkout_seconds')
  const total = value('disk_total_bytes')
  const skew = rows.get('clock_skew_seconds')
  const newest = [...rows.values()].toSorted((one, other) => other.at.getTime() - one.at.getTime())[0]
  return {
    instance,
    workerId: (checkout ?? free ?? skew)?.labels.worker_id ?? instance,
    at: newest?.at ?? new Date(0),
    disk:
      free === undefined || total === undefined
        ? null
        : { root: free.labels.root ?? '', freeBytes: free.value, totalBytes: total },
    pool: checkout === undefined ? null : poolOf(checkout, value),
    clockSkewMs: skew === undefined ? null : skew.value * 1000,
  }
}

function poolOf({ value: seconds, labels }: Row, value: (metric: string) => number | undefined): ProcessReport['pool'] {
  return {
    total: value('store_connections') ?? 0,
    idle: value('store_connections_idle') ?? 0,
    waiting: value('store_connections_waiting') ?? 0,
    max: value('store_connections_max') ?? 0,
    longestCheckout: labels.place === undefined ? null : { ms: seconds * 1000, place: labels.place },
  }
}
