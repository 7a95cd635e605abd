/** What a `Range` header asks of a file of that size: a part (`last` included), everything, or something that isn't there. */
export type RangeAnswer =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  | { readonly kind: 'outside' }

const SINGLE_RANGE = /^bytes=(\d*)-(\d*)$/i

/** Several ranges at once, other units and nonsense are ignored, as RFC 9110 allows: the answer is then the whole file. */
export function rangeOf(header: string | undefined, size: number): RangeAnswer {
  const [, from = '', to = ''] = SINGLE_RANGE.exec(header?.replaceAll(' ', '') ?? '') ?? []
  if (from === '' && to === '') return { kind: 'whole' }
  if (from === '') {
    const length = Number(to) // the last so many bytes
    return length === 0 || size === 0
      ? { kind: 'outside' }
      : { kind: 'part', first: Math.max(0, size - length), last: size - 1 }
  }
  const first = Number(from)
  if (to !== '' && Number(to) < first) return { kind: 'whole' }
  if (first >= size) return { kind: 'outside' }
  return { kind: 'part', first, last: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
}
