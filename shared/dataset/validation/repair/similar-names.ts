/** Names that a person may have meant, the likeliest first: same letters, then few typing errors. */
export function similarNames<T>(wanted: string, candidates: readonly T[], nameOf: (candidate: T) => string): T[] {
  const scored = candidates
    .map((candidate) => ({ candidate, distance: nameDistance(wanted, nameOf(candidate)) }))
    .filter(({ distance }) => distance !== null)
  return scored.toSorted((one, other) => (one.distance ?? 0) - (other.distance ?? 0)).map(({ candidate }) => candidate)
}

const TYPING_ERRORS_SHARE_MAX = 0.34 // of the longer name: two in a name of six letters

/** 0 for equal; below 1 where only case, separators or a plural differ; then typing errors; null when too far apart. */
function nameDistance(wanted: string, name: string): number | null {
  if (wanted === name) return 0
  if (wanted.toLowerCase() === name.toLowerCase()) return 0.1
  const [one, other] = [plain(wanted), plain(name)]
  if (one === other) return 0.2
  if (singular(one) === singular(other)) return 0.3
  const errors = editDistance(one, other)
  return errors <= Math.max(one.length, other.length) * TYPING_ERRORS_SHARE_MAX ? errors : null
}

/** A name without case and separators: what `OrderId`, `order_id` and `ORDER ID` have in common. */
export function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}

function singular(name: string): string {
  return name
    .replace(/ies$/, 'y')
    .replace(/(?<=s|x|ch|sh)es$/, '')
    .replace(/(?<!s)s$/, '')
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, index) => index)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= other.length; j++) {
      const cost = one[i - 1] === other[j - 1] ? 0 : 1
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost)
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      if (swapped) best = Math.min(best, at(i - 2, j - 2) + 1)
      row.push(best)
    }
  }
  return at(one.length, other.length)
}
