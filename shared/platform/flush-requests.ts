import type { Platform } from './platform.ts'

const MINUTE_MS = 60_000

/*
 * Adds to the samples of this minute and to the totals since the beginning: sums of all instances, so that there are as many
 * rows as kinds of requests, not as instances. In one order, so that two who write at once never wait for each other in a circle.
 */
const ADD = `
  with given as (
    select labels, count, sum, buckets
      from jsonb_to_recordset($1::jsonb) as f (labels jsonb, count integer, sum float8, buckets integer[])
     order by labels
  ), sampled as (
    insert into metric_samples as s (metric, labels, at, value, instance, count, buckets)
    select 'http_request_seconds', labels, $2, sum, '', count, buckets
      from given
        on conflict (metric, at, labels, instance) do update
       set value = s.value + excluded.value, count = s.count + excluded.count,
           buckets = (select array_agg(a + b order by place) from unnest(s.buckets, excluded.buckets) with ordinality as u (a, b, place))
  )
  insert into metric_totals as t (metric, labels, count, sum, buckets)
  select 'http_request_seconds', labels, count, sum, buckets
    from given
      on conflict (metric, labels) do update
     set count = t.count + excluded.count, sum = t.sum + excluded.sum,
         buckets = (select array_agg(a + b order by place) from unnest(t.buckets, excluded.buckets) with ordinality as u (a, b, place))`

/**
 * Writes what requests took since the last time. What can't be written is kept for the next time.
 * @returns how many kinds of requests there were
 * @throws {Problem} `store_unavailable`
 */
export async function flushRequests({ store, clock, requests }: Platform): Promise<number> {
  const figures = requests.take()
  if (figures.length === 0) return 0
  const rows = figures.map(({ labels, count, seconds, upTo }) => ({ labels, count, sum: seconds, buckets: upTo }))
  const minute = new Date(Math.floor(clock.now().getTime() / MINUTE_MS) * MINUTE_MS)
  try {
    await store.query(ADD, [JSON.stringify(rows), minute])
  } catch (error) {
    requests.putBack(figures)
    throw error
  }
  return figures.length
}
