import type { MachineReading } from '../../platform/machine.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'

/** The figures of a machine by the names of their samples, and what is told of them. */
export const MACHINE_METRICS = {
  cpu_share: 'Busy share of the processors, 0 to 1',
  memory_used_bytes: 'Memory that is in use, of the machine or its container',
  memory_total_bytes: 'Memory of the machine or its container',
  disk_free_bytes: 'Free space where the files lie',
  disk_total_bytes: 'All space where the files lie',
  event_loop_delay_seconds: 'By how much the slowest hundredth of turns of the event loop came late',
  store_connections: 'Connections to the store that are open',
  store_connections_idle: 'Connections to the store that nobody uses',
  store_connections_waiting: 'Callers that wait for a connection to the store',
  store_connections_max: 'Connections to the store that may be open at once',
} as const
export type MachineMetric = keyof typeof MACHINE_METRICS

export const RECENT_MS = 5 * 60_000 // an instance that has told nothing for so long is gone
const MINUTE_MS = 60_000
const INSTANCES_MAX = 100 // of which figures are shown: labels have a bound

const SAVE = `
  insert into metric_samples (metric, labels, at, value, instance)
  select metric, '{}', $2, value, $3
    from jsonb_to_recordset($1::jsonb) as m (metric text, value float8)
      on conflict (metric, at, labels, instance) do update
     set value = excluded.value`

// Instances that were heard of last come first; of each its newest figure. By idx_samples_metric.
const LATEST = `
  with heard as (
    select instance
      from metric_samples
     where metric = any($1) and at > $2
     group by instance
     order by max(at) desc, instance
     limit ${INSTANCES_MAX}
  )
  select distinct on (metric, instance) metric, instance, value
    from metric_samples
    join heard using (instance)
   where metric = any($1) and at > $2
   order by metric, instance, at desc`

/** Writes how this instance's machine does, once a minute at most. @returns how many figures it could tell */
export async function sampleMachine({ machine, store, clock, workerId }: Platform): Promise<number> {
  const rows = figuresOf(await machine.read())
  if (rows.length === 0) return 0
  const minute = new Date(Math.floor(clock.now().getTime() / MINUTE_MS) * MINUTE_MS)
  await store.query(SAVE, [JSON.stringify(rows), minute, instanceOf(workerId)])
  return rows.length
}

export interface InstanceFigure {
  readonly metric: MachineMetric
  readonly instance: string
  readonly value: number
}

/** The newest figures of every instance that was heard of lately. @param now by the platform's clock */
export async function latestFigures(store: Queryable, now: Date): Promise<InstanceFigure[]> {
  const since = new Date(now.getTime() - RECENT_MS)
  return (await store.query<InstanceFigure>(LATEST, [Object.keys(MACHINE_METRICS), since])).rows
}

/** A worker's id without the part that is new at each start, which would make a new series each time; a cloud's has no other. */
export function instanceOf(workerId: string): string {
  const [first = workerId] = workerId.split(':')
  return first.slice(0, 100)
}

function figuresOf(reading: MachineReading): { metric: MachineMetric; value: number }[] {
  const { cpuShare, memory, disk, eventLoopDelayMs, pool } = reading
  const all: readonly (readonly [MachineMetric, number | undefined])[] = [
    ['cpu_share', cpuShare ?? undefined],
    ['memory_used_bytes', memory?.usedBytes],
    ['memory_total_bytes', memory?.totalBytes],
    ['disk_free_bytes', disk?.freeBytes],
    ['disk_total_bytes', disk?.totalBytes],
    ['event_loop_delay_seconds', eventLoopDelayMs === null ? undefined : eventLoopDelayMs / 1000],
    ['store_connections', pool?.total],
    ['store_connections_idle', pool?.idle],
    ['store_connections_waiting', pool?.waiting],
    ['store_connections_max', pool?.max],
  ]
  return all.flatMap(([metric, value]) => (value === undefined ? [] : [{ metric, value }]))
}
