/**
 * The server's own clock, for statements that ask how old a session, a statement or a statistic is. Those times are the
 * server's: a runner whose clock runs ahead would end sessions that have just begun. Nothing that is stored is measured by it.
 */
export const SERVER_TIME = 'clock_timestamp()'

/** Seconds since a moment that the server wrote down. */
export function serverAge(column: string): string {
  return `extract(epoch from ${SERVER_TIME} - ${column})::float8`
}

/** A moment to the microsecond: a Date would round it, and two sessions could look like one. */
export function exactMoment(column: string): string {
  return `(extract(epoch from ${column}) * 1000000)::bigint::text`
}
