// What a memory holds, kept so that it can be put back. The module's memory, from below: its own data, its stack (full
// at the lower end), and from HEAP_AT on the heap. A test compares these numbers with the module.
export const STACK_AT = 90_208
export const HEAP_AT = 5_333_088
export const BREAK_AT = 86_864 // where the module keeps how far its heap reaches

const BLOCK_BYTES = 256
const GAP_BYTES_MAX = 1_024 // copying as much along takes less than beginning a part
const RED_ZONE_BYTES = 128 // a function that calls no other may use as much below the stack without lowering it

/** A whole memory, but for its stack, which is empty between two calls. */
export interface Image {
  readonly data: Uint8Array
  readonly heap: Uint8Array
}

/** In what a memory differs from an image. */
export interface Difference {
  readonly parts: readonly Part[]
  /** How many bytes the parts have. */
  readonly size: number
  /** Where the last of them ends. */
  readonly end: number
}

interface Part {
  readonly at: number
  readonly bytes: Uint8Array
}

export function imageOf(memory: Uint8Array): Image {
  let end = memory.length
  while (end > HEAP_AT && memory[end - 1] === 0) end -= 1
  return { data: memory.slice(0, STACK_AT), heap: memory.slice(HEAP_AT, end) }
}

/** Puts an image back. @param stackFloor the lowest byte of the stack that may have been used */
export function restore(memory: Uint8Array, { data, heap }: Image, stackFloor: number): void {
  memory.set(data, 0)
  memory.fill(0, stackFloor - RED_ZONE_BYTES, HEAP_AT)
  memory.set(heap, HEAP_AT)
  memory.fill(0, HEAP_AT + heap.length)
}

export function differenceOf(memory: Uint8Array, image: Image): Difference {
  const ranges: { from: number; to: number }[] = []
  const compare = (from: number, to: number, before: Uint8Array) => {
    for (let at = from; at < to; at += BLOCK_BYTES) {
      const block = memory.subarray(at, Math.min(at + BLOCK_BYTES, to))
      if (same(block, before.subarray(at - from, at - from + block.length))) continue
      const last = ranges.at(-1)
      if (last !== undefined && last.to >= Math.max(from, at - GAP_BYTES_MAX)) last.to = at + block.length
      else ranges.push({ from: at, to: at + block.length })
    }
  }
  compare(0, STACK_AT, image.data)
  compare(HEAP_AT, memory.length, image.heap)
  const parts = ranges.map(({ from, to }) => ({ at: from, bytes: memory.slice(from, to) }))
  return { parts, size: parts.reduce((sum, { bytes }) => sum + bytes.length, 0), end: ranges.at(-1)?.to ?? 0 }
}

/** What lies past the end of the image is zero. */
function same(block: Uint8Array, before: Uint8Array): boolean {
  for (let at = 0; at < block.length; at++) if (block[at] !== (before[at] ?? 0)) return false
  return true
}

/** Makes of the memory that holds the image the one that differed from it. */
export function apply(memory: Uint8Array, { parts }: Difference): void {
  for (const { at, bytes } of parts) memory.set(bytes, at)
}
