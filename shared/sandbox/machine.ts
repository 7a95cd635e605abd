import { GUEST, HOST_CALL } from './guest.ts'
import {
  apply,
  BREAK_AT,
  type Difference,
  differenceOf,
  HEAP_AT,
  type Image,
  imageOf,
  restore,
  STACK_AT,
} from './image.ts'
import { quickJsImports, type World } from './quickjs-imports.ts'

type Pointer = number

/** The module's functions, under the names that Emscripten gave them. */
interface Exports {
  /** __wasm_call_ctors */ u(): void
  /** malloc */ v(bytes: number): Pointer
  /** free */ M(at: Pointer): void
  /** QTS_RuntimeSetMaxStackSize */ D(runtime: Pointer, bytes: number): void
  /** QTS_GetUndefined */ E(): Pointer
  /** QTS_NewRuntime */ K(): Pointer
  /** QTS_NewContext */ N(runtime: Pointer, intrinsics: number): Pointer
  /** QTS_NewFloat64 */ Y(context: Pointer, value: number): Pointer
  /** QTS_GetFloat64 */ Z(context: Pointer, value: Pointer): number
  /** QTS_NewString */ _(context: Pointer, utf8: Pointer): Pointer
  /** QTS_GetString */ $(context: Pointer, value: Pointer): Pointer
  /** QTS_IsJobPending */ fa(runtime: Pointer): number
  /** QTS_ExecutePendingJob */ ga(runtime: Pointer, count: number, context: Pointer): Pointer
  /** QTS_GetPropNumber */ ia(context: Pointer, value: Pointer, index: number): Pointer
  /** QTS_Call */ ma(context: Pointer, called: Pointer, self: Pointer, count: number, values: Pointer): Pointer
  /** QTS_ResolveException */ na(context: Pointer, value: Pointer): Pointer
  /** QTS_Eval */ pa(c: Pointer, code: Pointer, bytes: number, file: Pointer, detect: number, flags: number): Pointer
  /** QTS_NewFunction */ Da(context: Pointer, name: Pointer, count: number, constructs: number, which: number): Pointer
  readonly fuel: WebAssembly.Global
  readonly floor: WebAssembly.Global
  readonly stack_pointer: WebAssembly.Global
}

/** Pointers into the memory, which stay right as often as the image is put back. */
interface Pointers {
  readonly runtime: Pointer
  readonly context: Pointer
  readonly nothing: Pointer
  readonly scratch: Pointer
  guest: Guest
}

/** The functions of the guest, in the order in which it gives them. */
const GUEST_FUNCTIONS = ['call', 'end', 'wait', 'describe', 'locate'] as const
type Guest = Readonly<Record<(typeof GUEST_FUNCTIONS)[number], Pointer>>

const PAGE_BYTES = 65_536
const MEMORY_PAGES_MIN = 82 // as infra/sandbox/build.ts has it
const MEMORY_PAGES_MAX = 16_384 // 1 GiB; a run has a limit of its own
const GROWTH_BYTES_MIN = 2 * PAGE_BYTES
// The stack is cleared as far as it may have been used: few nodes go past the first step.
const STACK_STEP_BYTES = 16_384
const JOBS_AT_ONCE = 100
const FUEL_TO_START = 1_000_000_000
const VALUE_BYTES = 8
const SCRUB_BYTES = [65_536, 16_384, 4_096, 1_024, 256, 64]
const STACK_BYTES_TO_LOCATE = 65_536
const REASON_STACK = 1 // as infra/sandbox/meter.ts has it
const NO_GUEST: Guest = { call: 0, end: 0, wait: 0, describe: 0, locate: 0 }
const SCRATCH_BYTES = 64 // for the pointers to what a function is called with

/** The file names in stack traces, by which places in the node's own code are told from others. */
export const NODE_FILE = 'node.js'
const GUEST_FILE = 'sandbox.js'

/** One instance of QuickJS, which returns to a known state before each run, however the one before it ended. */
export class Machine {
  readonly #memory: WebAssembly.Memory
  readonly #quickjs: Exports
  readonly #image: Image
  #at: Pointers = { runtime: 0, context: 0, nothing: 0, scratch: 0, guest: NO_GUEST }
  #view = new DataView(new ArrayBuffer(0))
  #held = new Uint8Array(0)
  /** How far down the stack may reach, and how far it may before it is looked at again. */
  #stackEnd = STACK_AT
  #floor = HEAP_AT
  readonly #utf8 = new TextEncoder()
  readonly #text = new TextDecoder('utf-8', { ignoreBOM: true })

  /** @param image what another machine of the same module began with: then nothing is computed */
  constructor(module: WebAssembly.Module, world: World, from?: Machine) {
    this.#memory = new WebAssembly.Memory({ initial: MEMORY_PAGES_MIN, maximum: MEMORY_PAGES_MAX })
    const grow = (bytes: number) => {
      world.grow(bytes)
      this.#growTo(bytes + Math.max(GROWTH_BYTES_MIN, (bytes - HEAP_AT) / 4)) // growing takes long, so it is done seldom
    }
    const interrupted = (reason: number) => {
      if (reason !== REASON_STACK || !this.#deepen()) world.interrupted(reason)
    }
    const imports = quickJsImports(this.#memory, { ...world, grow, interrupted })
    const instance = new WebAssembly.Instance(module, imports)
    this.#quickjs = instance.exports as unknown as Exports
    if (from === undefined) {
      this.#quickjs.fuel.value = FUEL_TO_START
      this.#lookAgainBelow(HEAP_AT)
      this.#quickjs.u()
      this.#boot()
      this.#image = imageOf(this.#bytes)
    } else {
      this.#at = from.#at
      this.#image = from.#image
      this.#growTo(HEAP_AT + this.#image.heap.length)
    }
  }

  /** How far the memory reaches. */
  get bytes(): number {
    return this.#bytes.length
  }

  get #bytes(): Uint8Array {
    if (this.#held.length === 0) this.#hold()
    return this.#held
  }

  get #words(): DataView {
    if (this.#held.length === 0) this.#hold()
    return this.#view
  }

  /** Takes hold of the memory anew: what had hold of it has none once it grew. */
  #hold(): void {
    this.#held = new Uint8Array(this.#memory.buffer)
    this.#view = new DataView(this.#memory.buffer)
  }

  /** How much of the heap is in use, or was before some was given back. */
  get heapBytes(): number {
    return this.#words.getUint32(BREAK_AT, true) - HEAP_AT
  }

  /** @throws {RangeError} where the machine has no more memory */
  #growTo(bytes: number): void {
    const missing = Math.ceil((bytes - this.bytes) / PAGE_BYTES)
    if (missing > 0) this.#memory.grow(missing)
  }

  /** Forgets all that has been since the beginning, or since the given state. */
  reset(stackBytes: number, state: Difference | null): void {
    if (state !== null) this.#growTo(state.end)
    restore(this.#bytes, this.#image, this.#floor)
    if (state !== null) apply(this.#bytes, state)
    this.#quickjs.stack_pointer.value = HEAP_AT
    this.#stackEnd = HEAP_AT - stackBytes
    this.#lookAgainBelow(HEAP_AT)
  }

  /** Whether the stack may reach as far as it does. */
  #deepen(): boolean {
    const at = this.#quickjs.stack_pointer.value
    if (at < this.#stackEnd) return false
    this.#lookAgainBelow(at)
    return true
  }

  #lookAgainBelow(at: Pointer): void {
    const floor = Math.max(this.#stackEnd, at - STACK_STEP_BYTES)
    if (floor !== this.#floor) this.#quickjs.floor.value = floor
    this.#floor = floor
  }

  state(): Difference {
    this.#scrub()
    return differenceOf(this.#bytes, this.#image)
  }

  refuel(fuel: number): void {
    this.#quickjs.fuel.value = fuel
  }

  /** Evaluates a script of the node. What it throws is told by the host call `fail`. Gives the pointer to its value. */
  evaluate(code: string, kind: string): Pointer {
    const value = this.#evaluate(code, NODE_FILE)
    const error = this.#quickjs.na(this.#at.context, value)
    if (error !== 0) this.#call(this.#at.guest.describe, [error, this.#string(kind)])
    return value
  }

  /** Calls `main` with the JSON text. @returns whether it left something to be done */
  call(main: Pointer, inputs: string): boolean {
    this.#call(this.#at.guest.call, [main, this.#string(inputs)])
    return this.#quickjs.fa(this.#at.runtime) !== 0
  }

  /** Makes the guest answer what `main` gave, unless that is still to come. */
  end(): void {
    this.#call(this.#at.guest.end)
  }

  /** Makes the guest answer after what was left to be done before. */
  wait(): void {
    this.#call(this.#at.guest.wait)
  }

  /** Runs what is left to be done. Returns only when nothing is. */
  drain(): void {
    const { runtime, scratch } = this.#at
    while (this.#quickjs.fa(runtime) !== 0) this.#quickjs.ga(runtime, JOBS_AT_ONCE, scratch)
  }

  /** Makes the guest tell where its code is, by the host call `answer`; also where it was when the run was cut off. */
  locate(): void {
    this.#stackEnd -= STACK_BYTES_TO_LOCATE
    this.#deepen()
    this.#call(this.#at.guest.locate)
  }

  number(values: Pointer, index: number): number {
    return this.#quickjs.Z(this.#at.context, values + index * VALUE_BYTES)
  }

  string(values: Pointer, index: number): string {
    const at = this.#quickjs.$(this.#at.context, values + index * VALUE_BYTES)
    const bytes = this.#bytes
    return this.#text.decode(bytes.subarray(at, bytes.indexOf(0, at)))
  }

  newNumber(value: number): Pointer {
    return this.#quickjs.Y(this.#at.context, value)
  }

  /** Clears what was given back to the heap, so that no state has to keep it: takes all of it, once, and returns it. */
  #scrub(): void {
    const taken: Pointer[] = []
    for (const bytes of SCRUB_BYTES) {
      for (;;) {
        const reach = this.heapBytes
        const at = this.#quickjs.v(bytes)
        if (this.heapBytes > reach) {
          this.#quickjs.M(at)
          break
        }
        this.#bytes.fill(0, at, at + bytes)
        taken.push(at)
      }
    }
    for (const at of taken) this.#quickjs.M(at)
  }

  #boot(): void {
    const quickjs = this.#quickjs
    const runtime = quickjs.K()
    quickjs.D(runtime, 0) // the host has a floor of its own
    const context = quickjs.N(runtime, 0)
    this.#at = { ...this.#at, runtime, context, nothing: quickjs.E(), scratch: quickjs.v(SCRATCH_BYTES) }
    const calls = Object.entries(HOST_CALL).map(([name, which]) =>
      quickjs.Da(context, this.#utf8At(name)[0], 2, 0, which),
    )
    const functions = this.#call(this.#evaluate(GUEST, GUEST_FILE), calls)
    const guest = GUEST_FUNCTIONS.map((name, index) => [name, quickjs.ia(context, functions, index)])
    this.#at.guest = Object.fromEntries(guest)
  }

  #evaluate(code: string, fileName: string): Pointer {
    const [at, length] = this.#utf8At(code)
    const [file] = this.#utf8At(fileName)
    const value = this.#quickjs.pa(this.#at.context, at, length, file, 0, 0)
    this.#quickjs.M(at)
    return value
  }

  #call(called: Pointer, values: readonly Pointer[] = []): Pointer {
    const { context, nothing, scratch } = this.#at
    const words = this.#words
    for (let index = 0; index < values.length; index++) words.setInt32(scratch + 4 * index, values[index] ?? 0, true)
    return this.#quickjs.ma(context, called, nothing, values.length, scratch)
  }

  #string(text: string): Pointer {
    const [at] = this.#utf8At(text)
    const value = this.#quickjs._(this.#at.context, at)
    this.#quickjs.M(at)
    return value
  }

  /** Puts a text into the memory, ended by a zero. */
  #utf8At(text: string): [at: Pointer, length: number] {
    const bytes = this.#utf8.encode(text)
    const at = this.#quickjs.v(bytes.length + 1)
    const memory = this.#bytes
    memory.set(bytes, at)
    memory[at + bytes.length] = 0
    return [at, bytes.length]
  }
}
