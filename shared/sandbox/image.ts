// What a memory holds, kept so that it can be put back. The module's memory, from below: its own data, its stack (full
// at the lower end), and from HEAP_AT on the heap. A test compares these numbers with the module.
export const STACK_AT = 90_208
export const HEAP_AT = 5_333_088
export const BREAK_AT = 86_864 // where the module keeps how far its heap reaches

const BLOCK_BYTES = 256

/** A whole memory, but for its stack, which is empty between two calls. */
export interface Image {
  readonly data: Uint8Array
  readonly heap: Uint8Array
}

/** In what a memory differs from an image. */
export interface Difference {
  readonly places: Uint32Array
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
  memory.fill(0, stackFloor, HEAP_AT)
  memory.set(heap, HEAP_AT)
  memory.fill(0, HEAP_AT + heap.length)
}

export function differenceOf(memory: Uint8Array, image: Image): Difference {
  const places: number[] = []
  const parts: Uint8Array[] = []
  const compare = (from: number, to: number, before: Uint8Array) => {
    for (let at = from; at < to; at += BLOCK_BYTES) {
      const block = memory.subarray(at, Math.min(at + BLOCK_BYTES, to))
      if (same(block, before.subarray(at - from, at - from + block.length))) continue
      const last = places.length - 2
      if (last >= 0 && (places[last] ?? 0) + (places[last + 1] ?? 0) === at)
        places[last + 1] = (places[last + 1] ?? 0) + block.length
      else places.push(at, block.length)
      parts.push(block)
    }
  }
  compare(0, STACK_AT, image.data)
  compare(HEAP_AT, memory.length, image.heap)
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let length = 0
  for (const part of parts) {
    bytes.set(part, length)
    length += part.length
  }
  return { places: Uint32Array.from(places), bytes }
}

/** What lies past the end of the image is zero. */
function same(block: Uint8Array, before: Uint8Array): boolean {
  for (let at = 0; at < block.length; at++) if (block[at] !== (before[at] ?? 0)) return false
  return true
}

/** Makes of the memory that holds the image the one that differed from it. */
export function apply(memory: Uint8Array, { places, bytes }: Difference): void {
  let from = 0
  for (let index = 0; index < places.length; index += 2) {
    const length = places[index + 1] ?? 0
    memory.set(bytes.subarray(from, from + length), places[index] ?? 0)
    from += length
  }
}
