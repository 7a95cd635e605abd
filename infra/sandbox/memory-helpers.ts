import { EMPTY_BLOCK, MANY_COPY, MANY_FILL, OP } from './walk-code.ts'
import { joined, measured, unsigned } from './wasm-bytes.ts'

/** Makes the code that takes an amount of fuel, which other code puts on the stack. */
export type Take = (amount: readonly number[]) => readonly number[]

// A part takes well below a millisecond, also where the memory was never used before.
const PART_BYTES = unsigned(512 * 1024)
const BYTES_PER_FUEL = 4 // as a shift: 16 bytes are written to new memory in about the time of one turn of a loop

const [TO, FROM, LENGTH, PART] = [0, 1, 2, 3]
const get = (variable: number) => [OP.localGet, variable]
const set = (variable: number) => [OP.localSet, variable]
const add = (variable: number) => [...get(variable), ...get(PART), OP.i32Add]

const PART_OF_LENGTH = [
  ...[...get(LENGTH), OP.i32Const, ...PART_BYTES],
  ...[...get(LENGTH), OP.i32Const, ...PART_BYTES, OP.i32LtU, OP.select, ...set(PART)],
]
const LESS = [...get(LENGTH), ...get(PART), OP.i32Sub, OP.localTee, LENGTH]
const COPY = [OP.many, MANY_COPY, 0, 0]
const FILL = [OP.many, MANY_FILL, 0]

/** A function `(to, byte, length)` that fills memory part by part. */
export function fillInParts(take: Take): Uint8Array {
  const part = [...get(TO), ...get(FROM), ...get(PART), ...FILL, ...add(TO), ...set(TO), ...LESS]
  return functionOf([...whileNotZero(take, part), OP.end])
}

/** A function `(to, from, length)` that copies memory part by part, backwards where a part could be overwritten first. */
export function copyInParts(take: Take): Uint8Array {
  const next = [...add(TO), ...set(TO), ...add(FROM), ...set(FROM), ...LESS]
  const forwards = [...get(TO), ...get(FROM), ...get(PART), ...COPY, ...next]
  const at = (variable: number) => [...get(variable), ...get(LENGTH), OP.i32Add]
  const backwards = [...LESS, OP.drop, ...at(TO), ...at(FROM), ...get(PART), ...COPY, ...get(LENGTH)]
  return functionOf([
    ...[...get(TO), ...get(FROM), OP.i32LeU, OP.if, EMPTY_BLOCK],
    ...[...whileNotZero(take, forwards), OP.else, ...whileNotZero(take, backwards), OP.end],
    OP.end,
  ])
}

/** @param part does one part, and leaves on the stack how much is left */
function whileNotZero(take: Take, part: readonly number[]): number[] {
  const fuel = take([...get(PART), OP.i32Const, BYTES_PER_FUEL, OP.i32ShrU, OP.i32Const, 1, OP.i32Add])
  return [OP.loop, EMPTY_BLOCK, ...PART_OF_LENGTH, ...fuel, ...part, OP.brIf, 0, OP.end]
}

/** The body of a function with one more variable than its three parameters. */
function functionOf(code: readonly number[]): Uint8Array {
  const I32 = 0x7f
  return measured(joined([[1, 1, I32], code]))
}
