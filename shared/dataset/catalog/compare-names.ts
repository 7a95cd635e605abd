/** Orders texts by their UTF-16 units, as a plain sort does: the same on every machine, whatever its locale. */
export function compareNames(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
