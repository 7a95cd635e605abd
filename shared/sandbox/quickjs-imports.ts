/** What QuickJS asks of the world while it runs; whatever these throw ends the run at once. */
export interface World {
  /** The fuel is gone, or the stack is full. */
  interrupted(reason: number): void
  /** The memory is to reach as many bytes. */
  grow(bytes: number): void
  now(): number
  /** How far ahead of UTC the clocks of the time zone are at a time in seconds. */
  offsetSeconds(seconds: number): number
  called(which: number, arguments_: number): number
  /** QuickJS found itself in a state that can't be. */
  aborted(): never
}

const EBADF = 8
const SEEK_UNKNOWN = 70
const CLOSE_UNKNOWN = 52
const TM_GMTOFF = 36 // where `struct tm` has the offset, the one part of it that QuickJS reads

/**
 * The imports of the module under the names that Emscripten gave them. A test compares them with its own loader.
 * Nothing here reaches the outside: there is no file, no environment, no timer, no module.
 */
export function quickJsImports(memory: WebAssembly.Memory, world: World): WebAssembly.Imports {
  const put = (at: number, value: number) => new DataView(memory.buffer).setInt32(at, value, true)
  const refused = () => 0
  return {
    a: {
      a: memory,
      b: () => world.aborted(), // __assert_fail
      c: () => EBADF, // fd_write
      d: () => CLOSE_UNKNOWN,
      e: refused, // environ_get
      f: (count: number, size: number) => {
        put(count, 0)
        put(size, 0)
        return 0
      },
      g: refused, // qts_host_normalize_module
      h: refused, // qts_host_load_module_source
      i: (reason: number) => {
        world.interrupted(reason)
        return 0
      },
      j: refused, // _setitimer_js
      k: (bytes: number) => {
        world.grow(bytes >>> 0)
        return 1
      }, // emscripten_resize_heap
      l: () => undefined, // _emscripten_runtime_keepalive_clear
      m: (seconds: bigint, tm: number) => put(tm + TM_GMTOFF, world.offsetSeconds(Number(seconds))), // _localtime_js
      n: (zone: number, daylight: number) => {
        put(zone, 0)
        put(daylight, 0)
      }, // _tzset_js
      o: () => SEEK_UNKNOWN,
      p: () => world.now(), // emscripten_date_now
      q: () => world.aborted(), // abort
      r: () => world.aborted(), // proc_exit
      s: (_context: number, _this: number, _count: number, arguments_: number, which: number) =>
        world.called(which, arguments_),
      t: () => undefined, // qts_host_free_ref
    },
  }
}
