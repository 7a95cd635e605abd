import type { MachineReading } from '../../platform/machine.ts'
import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import { clockSkewMs } from '../database/server-clock.ts'

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
  store_checkout_seconds: 'For how long the connection that was taken first has been out',
  network_received_bytes_per_second: 'Bytes that came over the network, of the machine or its container',
  network_sent_bytes_per_second: 'Bytes that left over the network, of the machine or its container',
  clock_skew_seconds: "By how much the clock is ahead of the store server's",
} as const
export type MachineMetric = keyof typeof MACHINE_METRICS

export const RECENT_MS = 5 * 60_000 // an instance that has told nothing for so long is gone
const MINUTE_MS = 60_000
const INSTANCES_MAX = 100 // of which figures are shown: labels have a bound

const SAVE = `
  insert into metric_samples (metric, labels, at, value, instance)
  select metric, coalesce(labels, '{}'), $2, value, $3
    from jsonb_to_recordset($1::jsonb) as m (metric text, value float8, labels jsonb)
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

/**
 * Writes how this process and its machine do, once a minute at most: whoever leads judges them all.
 * @returns how many figures it could tell
 */
export async function sampleMachine({ machine, store, clock, files, workerId }: Platform): Promise<number> {
  const rows = figuresOf(await machine.read(), { worker_id: workerId, root: files.root })
  if (rows.length === 0) return 0
  const skewMs = clock.simulated === true ? null : await clockSkewMs(store, clock)
  if (skewMs !== null)
    rows.push({ metric: 'clock_skew_seconds', value: skewMs / 1000, labels: { worker_id: workerId } })
  // By the server's time: what a clock that is far behind writes would be too old to be heard.
  const at = clock.now().getTime() - (skewMs ?? 0)
  const minute = new Date(Math.floor(at / MINUTE_MS) * MINUTE_MS)
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

interface Figure {
  readonly metric: MachineMetric
  readonly value: number
  /** What a judge needs beside the figure; series are told apart by their instance alone. */
  readonly labels?: Readonly<Record<string, string>>
}

function figuresOf(reading: MachineReading, { worker_id, root }: { worker_id: string; root: string }): Figure[] {
  const { cpuShare, memory, disk, eventLoopDelayMs, pool, network } = reading
  const all: readonly (readonly [MachineMetric, number | undefined])[] = [
    ['cpu_share', cpuShare ?? undefined],
    ['memory_used_bytes', memory?.usedBytes],
    ['memory_total_bytes', memory?.totalBytes],
    ['disk_free_bytes', disk?.freeBytes],
    ['disk_total_bytes', disk?.totalBytes],
    ['event_loop_delay_seconds', eventLoopDelayMs === null ? undefined : eventLoopDelayMs / 1000],
    ['network_received_bytes_per_second', network?.receivedPerSecond],
    ['network_sent_bytes_per_second', network?.sentPerSecond],
    ['store_connections', pool?.total],
    ['store_connections_idle', pool?.idle],
    ['store_connections_waiting', pool?.waiting],
    ['store_connections_max', pool?.max],
    ['store_checkout_seconds', pool === null ? undefined : (pool.longestCheckout?.ms ?? 0) / 1000],
  ]
  const longest = pool?.longestCheckout
  const checkout = { worker_id, ...(longest == null ? {} : { place: longest.place.slice(0, 200) }) }
  const labels: Partial<Record<MachineMetric, Figure['labels']>> = {
    disk_free_bytes: { worker_id, root },
    store_checkout_seconds: checkout,
  }
  return all.flatMap(([metric, value]) =>
    value === undefined ? [] : [{ metric, value, labels: labels[metric] ?? {} }],
  )
}
