import { copyInParts, fillInParts } from './memory-helpers.ts'
import { EMPTY_BLOCK, MANY_COPY, MANY_FILL, OP, readInstruction } from './walk-code.ts'
import { joined, measured, Reader, unsigned } from './wasm-bytes.ts'

/** How the metered module is to be made. */
export interface Metering {
  /** The imported function `(i32) → i32` that is called with a reason when the fuel is gone or the stack is full. */
  readonly importedCall: string
  /** Pages of 64 KiB that the module's memory begins with, at least; what its code was linked for may be less. */
  readonly memoryPagesMin: number
}

/** What the imported function is called with. */
export const REASON = { fuel: 0, stack: 1 } as const

const SECTION = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 } as const
const KIND = { function: 0, memory: 2, global: 3 } as const
const STACK_POINTER = 0 // LLVM puts it first
const I32 = 0x7f

interface Section {
  readonly id: number
  readonly content: Uint8Array
}

interface Shape {
  /** Index of the imported function. */
  readonly call: number
  /** Indices of the two globals that are added. */
  readonly fuel: number
  readonly floor: number
  /** The type `(i32, i32, i32) → ()`, and the indices of the two functions of that type that are added. */
  readonly threeType: number
  readonly fill: number
  readonly copy: number
}

/**
 * Rewrites a module so that nothing in it runs for ever or past its stack. Each loop takes one from the global `fuel`
 * per turn, copying and filling memory takes by length, part by part, and each function that lowers the stack pointer compares it to
 * the global `floor`. The three globals are exported, with `stack_pointer`.
 */
export function metered(module: Uint8Array, metering: Metering): Uint8Array {
  const sections = sectionsOf(module)
  const shape = shapeOf(sections, metering)
  const rewritten = sections.map(({ id, content }) => {
    if (id === SECTION.import) return [[id], measured(withMemory(content, metering.memoryPagesMin))]
    if (id === SECTION.function) return [[id], measured(withFunctions(content, shape))]
    if (id === SECTION.global) return [[id], measured(withGlobals(content))]
    if (id === SECTION.export) return [[id], measured(withExports(content, shape))]
    if (id === SECTION.code) return [[id], measured(withMeters(content, shape))]
    return [[id], measured(content)]
  })
  return joined([module.subarray(0, 8), ...rewritten.flat()])
}

function sectionsOf(module: Uint8Array): Section[] {
  const reader = new Reader(module, 8)
  const sections: Section[] = []
  while (reader.at < module.length) {
    const id = reader.byte()
    sections.push({ id, content: reader.take(reader.unsigned()) })
  }
  return sections
}

function sectionReader(sections: readonly Section[], id: number): Reader {
  const section = sections.find((one) => one.id === id)
  if (section === undefined) throw new Error(`The module has no section ${id}`)
  return new Reader(section.content)
}

function shapeOf(sections: readonly Section[], { importedCall }: Metering): Shape {
  const types = sectionReader(sections, SECTION.type)
  const signatures = times(types.unsigned(), () => {
    types.byte()
    return `${[...types.take(types.unsigned())]} → ${[...types.take(types.unsigned())]}`
  })
  const threeType = signatures.indexOf(`${[I32, I32, I32]} → `)
  if (threeType === -1) throw new Error('The module has no function of three numbers that gives nothing')
  const imported = importedFunctions(sectionReader(sections, SECTION.import))
  const call = imported.indexOf(importedCall)
  if (call === -1) throw new Error(`The module imports no function "${importedCall}"`)
  const fuel = sectionReader(sections, SECTION.global).unsigned()
  const fill = imported.length + sectionReader(sections, SECTION.function).unsigned()
  return { call, fuel, floor: fuel + 1, threeType, fill, copy: fill + 1 }
}

function importedFunctions(imports: Reader): string[] {
  const all = times(imports.unsigned(), () => readImport(imports))
  return all.filter(({ kind }) => kind === KIND.function).map(({ name }) => name)
}

function readImport(imports: Reader): { name: string; kind: number } {
  imports.name()
  const name = imports.name()
  const kind = imports.byte()
  if (kind === KIND.function) imports.unsigned()
  else if (kind === KIND.memory) times(1 + (imports.byte() & 1), () => imports.unsigned())
  else throw new Error(`Cannot read the import "${name}"`)
  return { name, kind }
}

function withMemory(content: Uint8Array, pagesMin: number): Uint8Array {
  const imports = new Reader(content)
  const count = imports.unsigned()
  const kept = times(count, () => {
    const from = imports.at
    const { kind } = readImport(imports)
    if (kind !== KIND.memory) return [content.subarray(from, imports.at)]
    const again = new Reader(content, from)
    again.name()
    again.name()
    const limits = again.at + 1 // past the kind
    again.at = limits + 1
    again.unsigned()
    return [content.subarray(from, limits + 1), unsigned(pagesMin), content.subarray(again.at, imports.at)]
  })
  return joined([unsigned(count), ...kept.flat()])
}

function withGlobals(content: Uint8Array): Uint8Array {
  const globals = new Reader(content)
  const count = globals.unsigned()
  const mutableZero = [I32, 1, OP.i32Const, 0, OP.end]
  return joined([unsigned(count + 2), content.subarray(globals.at), mutableZero, mutableZero])
}

function withExports(content: Uint8Array, { fuel, floor }: Shape): Uint8Array {
  const exports = new Reader(content)
  const count = exports.unsigned()
  const added = Object.entries({ fuel, floor, stack_pointer: STACK_POINTER }).map(([name, index]) =>
    joined([measured(new TextEncoder().encode(name)), [KIND.global], unsigned(index)]),
  )
  return joined([unsigned(count + added.length), content.subarray(exports.at), ...added])
}

function withFunctions(content: Uint8Array, { threeType }: Shape): Uint8Array {
  const functions = new Reader(content)
  const count = functions.unsigned()
  return joined([unsigned(count + 2), content.subarray(functions.at), unsigned(threeType), unsigned(threeType)])
}

function withMeters(content: Uint8Array, shape: Shape): Uint8Array {
  const code = new Reader(content)
  const count = code.unsigned()
  const bodies = times(count, () => measured(withMeter(code.take(code.unsigned()), shape)))
  const taking = (amount: readonly number[]) => take(shape, amount)
  return joined([unsigned(count + 2), ...bodies, fillInParts(taking), copyInParts(taking)])
}

/** One function with its meters. */
function withMeter(body: Uint8Array, shape: Shape): Uint8Array {
  const code = new Reader(body)
  times(code.unsigned(), () => [code.unsigned(), code.byte()]) // its variables
  const parts: (Uint8Array | readonly number[])[] = []
  let copied = 0
  let before = 0
  while (code.at < body.length) {
    const from = code.at
    const { op, operand } = readInstruction(code)
    // Adding to the stack pointer gives back what was taken.
    const lowers = op === OP.globalSet && operand === STACK_POINTER && before !== OP.i32Add
    const instead = op === OP.many ? memoryCall(operand, shape) : null
    const after = op === OP.loop ? turn(shape) : lowers ? stackCheck(shape) : null
    const meter = instead ?? after
    if (meter !== null) {
      parts.push(body.subarray(copied, instead === null ? code.at : from), meter)
      copied = code.at
    }
    before = op
  }
  return joined([...parts, body.subarray(copied)])
}

/** What is called instead of an instruction that copies or fills memory. */
function memoryCall(which: number, { fill, copy }: Shape): number[] | null {
  if (which === MANY_FILL) return [OP.call, ...unsigned(fill)]
  return which === MANY_COPY ? [OP.call, ...unsigned(copy)] : null
}

function turn(shape: Shape): number[] {
  return take(shape, [OP.i32Const, 1])
}

/** Takes an amount and asks when nothing is left. */
function take({ fuel, call }: Shape, amount: readonly number[]): number[] {
  const global = unsigned(fuel)
  const less = [OP.globalGet, ...global, ...amount, OP.i32Sub, OP.globalSet, ...global]
  return [...less, OP.globalGet, ...global, OP.i32Const, 0, OP.i32LtS, ...askIf(call, REASON.fuel)]
}

function stackCheck({ floor, call }: Shape): number[] {
  return [OP.globalGet, STACK_POINTER, OP.globalGet, ...unsigned(floor), OP.i32LtU, ...askIf(call, REASON.stack)]
}

function askIf(call: number, reason: number): number[] {
  return [OP.if, EMPTY_BLOCK, OP.i32Const, reason, OP.call, ...unsigned(call), OP.drop, OP.end]
}

function times<T>(count: number, one: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => one(index))
}
