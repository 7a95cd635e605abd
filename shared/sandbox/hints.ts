import type { SandboxErrorCode } from '../platform/sandbox.ts'
import type { Text } from './text.ts'

const BY_CODE: Partial<Record<SandboxErrorCode, Text>> = {
  sandbox_timeout: {
    zh: '检查是否有不会结束的循环，或为节点设置更长的超时时间',
    en: 'Look for a loop that does not end, or give the node a longer timeout',
  },
  sandbox_memory: {
    zh: '检查循环中不断变大的列表或文本，或分成更小的部分处理',
    en: 'Look for a list or a text that grows in a loop, or work on smaller parts',
  },
  sandbox_stack: {
    zh: '检查是否有无休止调用自身的函数；改用循环不会增加嵌套',
    en: 'Look for a function that calls itself without an end; a loop does not nest',
  },
  main_missing: {
    zh: '在代码顶层定义 `function main(inputs) { … }`，可以是 async 函数',
    en: 'Define `function main(inputs) { … }` at the top level of the code; it may be async',
  },
  output_mismatch: {
    zh: '返回一个对象，每个输出一个属性，例如 `return { total }`',
    en: 'Return an object with one property per output, as in `return { total }`',
  },
  result_not_json: {
    zh: '只返回数字、文本、布尔值、列表和普通对象；注意除数为零的情况',
    en: 'Return numbers, texts, booleans, lists and plain objects only; guard a division by zero',
  },
  result_too_large: {
    zh: '减少返回内容：返回汇总而不是明细，或只返回前几行',
    en: 'Return less: totals instead of rows, or the first rows only',
  },
  result_too_deep: {
    zh: '返回嵌套更少的列表和对象',
    en: 'Return lists and objects that are nested less deeply',
  },
  never_settles: {
    zh: '只等待由自己的代码完成的 Promise；沙箱中没有定时器和网络',
    en: 'Await only promises that your own code settles; there are no timers and no network',
  },
  sandbox_crashed: {
    zh: '这不只是代码的问题；请尝试更简单的写法，并报告此错误',
    en: 'This is no fault of the code alone; try a simpler form of it, and report it',
  },
}

const BY_MESSAGE: readonly (readonly [RegExp, Text])[] = [
  [
    /'?(require|import|process|Buffer|fetch|XMLHttpRequest|setTimeout|setInterval|setImmediate|queueMicrotask|window|document|module|exports|fs)'? is not defined/,
    {
      zh: '沙箱中没有模块、定时器、文件和网络：所有数据都由输入提供',
      en: 'There are no modules, timers, files or network in the sandbox: everything comes in as inputs',
    },
  ],
  [
    /is not defined/,
    {
      zh: '用 const 或 let 声明，或从输入中取得，例如 `function main({ rows })`',
      en: 'Declare it with const or let, or take it from inputs, as in `function main({ rows })`',
    },
  ],
  [
    /cannot read propert(y|ies) .* of (undefined|null)/,
    { zh: '先检查它是否存在，例如 `row?.name`', en: 'Check that it is there first, as in `row?.name`' },
  ],
  [
    /not a function/,
    { zh: '检查拼写，以及被调用对象的类型', en: 'Check the spelling, and the type of what it is called on' },
  ],
  [
    /not iterable/,
    {
      zh: '只有列表、文本、Map 和 Set 可以遍历；对象请用 `Object.entries(it)`',
      en: 'Only lists, texts, Map and Set can be gone through; take `Object.entries(it)` of an object',
    },
  ],
  [
    /BigInt/i,
    {
      zh: 'JSON 没有 BigInt：请返回 Number(it) 或 String(it)',
      en: 'JSON has no BigInt: return Number(it) or String(it)',
    },
  ],
  [
    /circular/,
    {
      zh: '返回不再引用自身上级的普通副本',
      en: 'Return a plain copy without references back to its own parents',
    },
  ],
]

/** What usually helps against a failure, by what is said of it in English; null when nothing in particular does. */
export function hintFor(code: SandboxErrorCode, message: string): Text | null {
  const byMessage =
    code === 'sandbox_error' || code === 'result_not_json'
      ? BY_MESSAGE.find(([pattern]) => pattern.test(message))
      : undefined
  return byMessage?.[1] ?? BY_CODE[code] ?? null
}
