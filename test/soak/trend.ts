/** A figure at a time. */
export interface Point {
  /** Seconds since the beginning. */
  readonly at: number
  readonly value: number
}

/** How a figure behaved in the last two thirds of a run. */
export interface Trend {
  /** Its median over them. */
  readonly typical: number
  /** How much it grew over them: the slope times their length. */
  readonly growth: number
  /** Kendall's: of all pairs, the later of which is higher less those the later of which is lower; 1 for what only rises, 0 for noise. */
  readonly rising: number
}

const POINTS_MAX = 300 // so that the pairs stay countable

/**
 * The trend of the last two thirds; the first third is for warming up. The slope is Theil and Sen's: the median of the
 * slopes between all pairs of points, which a few outliers (a full heap, a night's maintenance) do not move.
 * @returns null for fewer than six points
 */
export function trendOf(points: readonly Point[]): Trend | null {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) return null
  const from = first.at + (last.at - first.at) / 3
  const late = thinned(points.filter(({ at }) => at >= from))
  if (late.length < 4) return null
  const slopes = late.flatMap((a, index) =>
    late.slice(index + 1).flatMap((b) => (b.at > a.at ? [(b.value - a.value) / (b.at - a.at)] : [])),
  )
  const rising = slopes.reduce((sum, slope) => sum + Math.sign(slope), 0) / Math.max(1, slopes.length)
  return { typical: median(late.map(({ value }) => value)), growth: median(slopes) * (last.at - from), rising }
}

/** The value that half of them do not exceed; 0 for none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value that this share of them does not exceed; 0 for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

function thinned(points: readonly Point[]): readonly Point[] {
  const apart = Math.ceil(points.length / POINTS_MAX)
  return points.filter((_, index) => index % apart === 0)
}
