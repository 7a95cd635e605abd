import type { Reader } from './wasm-bytes.ts'

export const OP = {
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  brIf: 0x0d,
  brTable: 0x0e,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32LeU: 0x4d,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32ShrU: 0x76,
  /** Operators of more than one byte. */
  many: 0xfc,
} as const

export const EMPTY_BLOCK = 0x40
export const MANY_COPY = 10
export const MANY_FILL = 11

export interface Instruction {
  readonly op: number
  /** The index, the number of targets or the second byte, for those operators that have one. */
  readonly operand: number
}

/**
 * Reads one instruction, of WebAssembly 1.0 with what compilers put into it by default: bulk memory, sign extension,
 * saturating conversion, several values.
 * @throws {Error} for any other, since its length isn't known
 */
export function readInstruction(code: Reader): Instruction {
  const op = code.byte()
  return { op, operand: operandOf(op, code) }
}

function operandOf(op: number, code: Reader): number {
  if (op === 0x02 || op === OP.loop || op === OP.if)
    code.skipNumber() // the type of the block
  else if (op === 0x0c || op === 0x0d || op === OP.call) return code.unsigned()
  else if (op === OP.brTable) return branches(code)
  else if (op === 0x11)
    skipTwo(code) // call_indirect
  else if (op === 0x1c)
    code.take(code.unsigned()) // select with types
  else if (op >= OP.localGet && op <= 0x26) return code.unsigned()
  else if (op >= 0x28 && op <= 0x3e)
    skipTwo(code) // loads and stores
  else if (op === 0x3f || op === 0x40) code.byte()
  else if (op === OP.i32Const || op === 0x42) code.skipNumber()
  else if (op === 0x43) code.take(4)
  else if (op === 0x44) code.take(8)
  else if (op === OP.many) return operandOfMany(code)
  else if (!plain(op)) throw new Error(`Cannot read the operator 0x${op.toString(16)} at byte ${code.at - 1}`)
  return 0
}

/** Operators without operands. */
function plain(op: number): boolean {
  return (
    op <= 0x01 ||
    op === 0x05 ||
    op === OP.end ||
    op === 0x0f ||
    op === OP.drop ||
    op === 0x1b ||
    (op >= 0x45 && op <= 0xc4)
  )
}

function branches(code: Reader): number {
  const count = code.unsigned()
  for (let target = 0; target <= count; target++) code.skipNumber()
  return count
}

function operandOfMany(code: Reader): number {
  const which = code.unsigned()
  if (which === MANY_COPY) code.take(2)
  else if (which === MANY_FILL) code.take(1)
  else if (which > 7) throw new Error(`Cannot read the operator 0xfc ${which} at byte ${code.at}`)
  return which
}

function skipTwo(code: Reader): void {
  code.skipNumber()
  code.skipNumber()
}
