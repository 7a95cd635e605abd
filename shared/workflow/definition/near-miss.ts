/** The known name that was most likely meant, or undefined when none is near. */
export function nearestName(given: string, known: Iterable<string>): string | undefined {
  const wanted = plain(given)
  if (wanted === '' || given.length > LENGTH_MAX) return undefined
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const name of known) {
    if (name === given) continue
    const other = plain(name)
    const distance = other === wanted ? 0 : distanceBetween(wanted, other)
    const allowed = Math.max(1, Math.floor(Math.min(wanted.length, other.length) / 3))
    if (distance <= allowed && (best === undefined || distance < best.distance)) best = { name, distance }
  }
  return best?.name
}

const LENGTH_MAX = 100 // the distance costs the product of the lengths

/** Case and the marks between words are what people forget most. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '')
}

/** Insertions, deletions, changes and swaps of neighbours that lead from one text to the other. */
function distanceBetween(one: string, other: string): number {
  let before: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const change = one[i - 1] === other[j - 1] ? 0 : 1
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + change)
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      }
      row.push(cost)
    }
    before = last
    last = row
  }
  return last[other.length] ?? 0
}
