import { REQUEST_SECONDS_BOUNDS } from '../../platform/request-figures.ts'
import type { Queryable } from '../../platform/store.ts'

/** What the requests of a span of time took, by route. Read from samples, which are kept for some days. */
export interface RequestSpan {
  readonly method: string
  /** As the function names it: `/api/v1/alerts/:id`. */
  readonly route: string
  readonly count: number
  /** Answers of 5xx. */
  readonly errors: number
  readonly seconds: number
  /** How many took at most so long, by `REQUEST_SECONDS_BOUNDS`. */
  readonly upTo: readonly number[]
}

export const REQUEST_METRIC = 'http_request_seconds'
const ROUTES_MAX = 500

// By idx_samples_metric.
const SPAN = `
  with chosen as (
    select labels ->> 'method' as method, labels ->> 'route' as route, labels ->> 'status' as status, count, value, buckets
      from metric_samples
     where metric = '${REQUEST_METRIC}' and at >= $1 and at < $2
  ), sums as (
    select method, route, sum(count) as count, coalesce(sum(count) filter (where status = '5xx'), 0) as errors, sum(value) as seconds
      from chosen
     group by method, route
  ), places as (
    select method, route, place, sum(bucket) as bucket
      from chosen, unnest(buckets) with ordinality as b (bucket, place)
     group by method, route, place
  )
  select s.method, s.route, s.count, s.errors, s.seconds, array_agg(p.bucket order by p.place) as up_to
    from sums s
    join places p using (method, route)
   group by s.method, s.route, s.count, s.errors, s.seconds
   order by s.seconds desc
   limit ${ROUTES_MAX}`

interface SpanRow {
  method: string
  route: string
  count: number | string
  errors: number | string
  seconds: number
  up_to: (number | string)[]
}

/** The routes that were asked in a span, those that took the most time in all first. */
export async function requestSpan(store: Queryable, from: Date, to: Date): Promise<RequestSpan[]> {
  const { rows } = await store.query<SpanRow>(SPAN, [from, to])
  return rows.map((row) => ({
    method: row.method,
    route: row.route,
    count: Number(row.count),
    errors: Number(row.errors),
    seconds: row.seconds,
    upTo: row.up_to.map(Number),
  }))
}

// A probe that says 503 has answered as it should: counted as a failure it would keep itself ill.
const PROBES = /^(\/api\/v1)?\/health(\/|$)/

/** All of them as one, without those that ask how Helix does. */
export function summed(all: readonly RequestSpan[]): Omit<RequestSpan, 'method' | 'route'> {
  const spans = all.filter(({ route }) => !PROBES.test(route))
  const add = (field: 'count' | 'errors' | 'seconds') => spans.reduce((sum, span) => sum + span[field], 0)
  const upTo = REQUEST_SECONDS_BOUNDS.map((_, place) => spans.reduce((sum, span) => sum + (span.upTo[place] ?? 0), 0))
  return { count: add('count'), errors: add('errors'), seconds: add('seconds'), upTo }
}

/**
 * The seconds within which a share of the requests was answered, interpolated within its bucket as Prometheus does; null
 * where there were none. What lies beyond the last bound counts as twice that.
 */
export function quantile(share: number, { upTo, count }: Pick<RequestSpan, 'upTo' | 'count'>): number | null {
  if (count === 0) return null
  const rank = share * count
  const place = upTo.findIndex((below) => below >= rank)
  const last = REQUEST_SECONDS_BOUNDS.at(-1) ?? 0
  if (place === -1) return last * 2
  const [low, high] = [REQUEST_SECONDS_BOUNDS[place - 1] ?? 0, REQUEST_SECONDS_BOUNDS[place] ?? last]
  const [before, within] = [upTo[place - 1] ?? 0, upTo[place] ?? 0]
  return within === before ? high : low + ((high - low) * (rank - before)) / (within - before)
}
