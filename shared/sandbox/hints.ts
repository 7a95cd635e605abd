import type { SandboxErrorCode } from '../platform/sandbox.ts'

const BY_CODE: Partial<Record<SandboxErrorCode, string>> = {
  sandbox_timeout: 'Look for a loop that does not end, or give the node a longer timeout',
  sandbox_memory: 'Look for a list or a text that grows in a loop, or work on smaller parts',
  sandbox_stack: 'Look for a function that calls itself without an end; a loop does not nest',
  main_missing: 'Define `function main(inputs) { … }` at the top level of the code; it may be async',
  output_mismatch: 'Return an object with one property per output, as in `return { total }`',
  result_not_json: 'Return numbers, texts, booleans, lists and plain objects only; guard a division by zero',
  result_too_large: 'Return less: totals instead of rows, or the first rows only',
  result_too_deep: 'Return lists and objects that are nested less deeply',
  never_settles: 'Await only promises that your own code settles; there are no timers and no network',
  sandbox_crashed: 'This is no fault of the code alone; try a simpler form of it, and report it',
}

const BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [
    /'?(require|import|process|Buffer|fetch|XMLHttpRequest|setTimeout|setInterval|setImmediate|queueMicrotask|window|document|module|exports|fs)'? is not defined/,
    'There are no modules, timers, files or network in the sandbox: everything comes in as inputs',
  ],
  [/is not defined/, 'Declare it with const or let, or take it from inputs, as in `function main({ rows })`'],
  [/cannot read propert(y|ies) .* of (undefined|null)/, 'Check that it is there first, as in `row?.name`'],
  [/not a function/, 'Check the spelling, and the type of what it is called on'],
  [/not iterable/, 'Only lists, texts, Map and Set can be gone through; take `Object.entries(it)` of an object'],
  [/BigInt/i, 'JSON has no BigInt: return Number(it) or String(it)'],
  [/circular/, 'Return a plain copy without references back to its own parents'],
]

/** What usually helps against a failure; null when nothing in particular does. */
export function hintFor(code: SandboxErrorCode, message: string): string | null {
  const byMessage =
    code === 'sandbox_error' || code === 'result_not_json'
      ? BY_MESSAGE.find(([pattern]) => pattern.test(message))
      : undefined
  return byMessage?.[1] ?? BY_CODE[code] ?? null
}
