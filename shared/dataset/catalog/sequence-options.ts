/** `pg_sequence`, numbers as text since they reach beyond 2^53. */
export interface SequenceRow {
  readonly type: string
  readonly start: string
  readonly increment: string
  readonly min: string
  readonly max: string
  readonly cache: string
  readonly cycle: boolean
}

const TYPE_MAX: Readonly<Record<string, bigint>> = {
  smallint: 32_767n,
  integer: 2_147_483_647n,
  bigint: 9_223_372_036_854_775_807n,
}

/** The options of a sequence that differ from what Postgres would choose: `increment by 5 start with 1000`, or nothing. */
export function sequenceOptions(sequence: SequenceRow): string {
  const typeMax = TYPE_MAX[sequence.type] ?? 0n
  const ascending = BigInt(sequence.increment) > 0n
  const usualMin = ascending ? 1n : -typeMax - 1n
  const usualMax = ascending ? typeMax : -1n
  const options: string[] = []
  if (sequence.increment !== '1') options.push(`increment by ${sequence.increment}`)
  if (sequence.min !== String(usualMin)) options.push(`minvalue ${sequence.min}`)
  if (sequence.max !== String(usualMax)) options.push(`maxvalue ${sequence.max}`)
  if (sequence.start !== (ascending ? sequence.min : sequence.max)) options.push(`start with ${sequence.start}`)
  if (sequence.cache !== '1') options.push(`cache ${sequence.cache}`)
  if (sequence.cycle) options.push('cycle')
  return options.join(' ')
}
