import type { Queryable } from '../../platform/store.ts'
import { MACHINE_METRICS } from './machine-samples.ts'
import { quantile } from './request-samples.ts'

/** What charts may ask for. */
export const SERIES = [
  ...Object.keys(MACHINE_METRICS),
  'http_requests',
  'http_errors',
  'http_seconds_mean',
  'http_seconds_p50',
  'http_seconds_p99',
]

/** Samples are kept for so long; `clean-tasks` removes what is older. */
export const SAMPLES_KEPT_MS = 7 * 24 * 60 * 60_000
export const POINTS_MAX = 2_000

export interface SeriesPoint {
  readonly at: Date
  readonly value: number
}

/** One line of a chart: of one instance, or of all where there is none. */
export interface Series {
  readonly instance: string
  readonly points: readonly SeriesPoint[]
}

export interface SeriesQuery {
  readonly metric: string
  readonly from: Date
  readonly to: Date
  readonly stepSeconds: number
}

// Steps begin at whole multiples of their length. By idx_samples_metric.
const MEANS = `
  select instance, date_bin(make_interval(secs => $4::float8), at, 'epoch'::timestamptz) as step, avg(value) as value
    from metric_samples
   where metric = $1 and at >= $2 and at < $3
   group by 1, 2
   order by 1, 2
   limit 100000`

const REQUESTS = `
  with chosen as (
    select date_bin(make_interval(secs => $4::float8), at, 'epoch'::timestamptz) as step, labels ->> 'status' as status, count, value, buckets
      from metric_samples
     where metric = $1 and at >= $2 and at < $3
  ), sums as (
    select step, sum(count)::float8 as count, coalesce(sum(count) filter (where status = '5xx'), 0)::float8 as errors, sum(value) as seconds
      from chosen
     group by step
  ), places as (
    select step, place, sum(bucket)::float8 as bucket
      from chosen, unnest(buckets) with ordinality as b (bucket, place)
     group by step, place
  )
  select s.step, s.count, s.errors, s.seconds, array_agg(p.bucket order by p.place) as up_to
    from sums s
    join places p using (step)
   group by s.step, s.count, s.errors, s.seconds
   order by s.step`

interface RequestRow {
  step: Date
  count: number
  errors: number
  seconds: number
  up_to: number[]
}

/** A figure over time, a point a step; steps in which nothing was measured have none. */
export async function sampleSeries(
  store: Queryable,
  { metric, from, to, stepSeconds }: SeriesQuery,
): Promise<Series[]> {
  if (!metric.startsWith('http_')) {
    const values = [metric, from, to, stepSeconds]
    const { rows } = await store.query<{ instance: string; step: Date; value: number }>(MEANS, values)
    const instances = [...new Set(rows.map(({ instance }) => instance))]
    return instances.map((instance) => {
      const own = rows.filter((row) => row.instance === instance)
      return { instance, points: own.map(({ step, value }) => ({ at: step, value })) }
    })
  }
  const { rows } = await store.query<RequestRow>(REQUESTS, ['http_request_seconds', from, to, stepSeconds])
  const points = rows.map((row) => ({ at: row.step, value: figureOf(metric, row) }))
  return points.length === 0 ? [] : [{ instance: '', points }]
}

function figureOf(metric: string, { count, errors, seconds, up_to: upTo }: RequestRow): number {
  switch (metric) {
    case 'http_errors':
      return errors
    case 'http_seconds_mean':
      return seconds / Math.max(1, count)
    case 'http_seconds_p50':
      return quantile(0.5, { upTo, count }) ?? 0
    case 'http_seconds_p99':
      return quantile(0.99, { upTo, count }) ?? 0
    default:
      return count
  }
}
