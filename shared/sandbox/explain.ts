import type { Language } from '../platform/problems.ts'
import type { SandboxError, SandboxErrorCode, SandboxLimits } from '../platform/sandbox.ts'
import { frameAt, type Place, placeIn } from './code-frame.ts'
import { hintFor } from './hints.ts'
import { notAnObject, type Outputs, outputsOf } from './outputs.ts'
import type { Text } from './text.ts'
import type { Verdict } from './verdict.ts'

export interface Explained {
  readonly outputs: Outputs | null
  readonly error: SandboxError | null
}

interface Circumstances {
  readonly code: string
  readonly limits: SandboxLimits
  /** The stack trace of where the code was cut off. */
  readonly place: string
  readonly language: Language
}

/** What the guest tells of a failure. It may be made up, so that nothing but words is taken from it. */
interface Told {
  readonly kind?: unknown
  readonly name?: unknown
  readonly message?: unknown
  readonly stack?: unknown
  readonly key?: unknown
  readonly what?: unknown
}

type Failure = readonly [code: SandboxErrorCode, message: Text, at?: Place | null]

/** Turns the verdict of the host into what people read. */
export function explained(verdict: Verdict, circumstances: Circumstances): Explained {
  if (verdict.kind !== 'answer') return failed(failureOf(verdict, circumstances), circumstances)
  const outputs = outputsOf(verdict.text, circumstances.limits)
  return 'code' in outputs
    ? failed([outputs.code, outputs.message], circumstances)
    : { outputs: outputs.value, error: null }
}

function failed([code, message, at = null]: Failure, { code: source, language }: Circumstances): Explained {
  const hint = hintFor(code, message.en)
  const error = {
    code,
    message: message[language],
    line: at?.line ?? null,
    column: at?.column ?? null,
    ...(at === null ? {} : { frame: frameAt(source, at) }),
    ...(hint === null ? {} : { hint: hint[language] }),
  }
  return { outputs: null, error }
}

function failureOf(verdict: Exclude<Verdict, { kind: 'answer' }>, circumstances: Circumstances): Failure {
  const { code, limits } = circumstances
  const at = placeIn(circumstances.place, code)
  switch (verdict.kind) {
    case 'told':
      return toldFailure(verdict.text, code)
    case 'too-large':
      return [
        'result_too_large',
        {
          zh: `结果有 ${verdict.length} 个字符，超过 result_bytes（${limits.result_bytes}）`,
          en: `The result has ${verdict.length} characters, more than result_bytes (${limits.result_bytes}) allows`,
        },
      ]
    case 'time':
      return [
        'sandbox_timeout',
        {
          zh: `代码没有在 timeout_ms（${limits.timeout_ms}）内结束`,
          en: `The code did not end within timeout_ms (${limits.timeout_ms})`,
        },
        at,
      ]
    case 'memory':
      return [
        'sandbox_memory',
        {
          zh: `代码需要的内存超过 memory_bytes（${limits.memory_bytes}）`,
          en: `The code needs more than memory_bytes (${limits.memory_bytes})`,
        },
        at,
      ]
    case 'stack':
      return [
        'sandbox_stack',
        {
          zh: `调用嵌套深度超过 stack_bytes（${limits.stack_bytes}）`,
          en: `Calls are nested deeper than stack_bytes (${limits.stack_bytes}) allows`,
        },
        at,
      ]
    case 'unsettled':
      return [
        'never_settles',
        {
          zh: 'main 等待的结果永远不会到来：没有任何代码能让它完成',
          en: 'What main awaits never comes: nothing is left that could settle it',
        },
      ]
    case 'crash':
      return [
        'sandbox_crashed',
        { zh: `沙箱自身出错：${verdict.message}`, en: `The sandbox itself failed: ${verdict.message}` },
      ]
  }
}

function toldFailure(text: string, code: string): Failure {
  const told = JSON.parse(text) as Told
  const { kind } = told
  const name = typeof told.name === 'string' ? told.name : null
  const message = typeof told.message === 'string' ? told.message : ''
  const whole = name === null ? message : `${name}: ${message}`
  const asSaid: Text = { zh: whole, en: whole }
  const at = placeIn(typeof told.stack === 'string' ? told.stack : '', code)
  if (kind === 'lost') {
    return [
      'result_not_json',
      {
        zh: `结果中的“${told.key}”是 ${told.what}，无法用 JSON 表示`,
        en: `"${told.key}" of the result is ${told.what}, which JSON has no word for`,
      },
    ]
  }
  if (kind === 'mismatch') return ['output_mismatch', mismatch(String(told.what))]
  if (kind === 'no-main') {
    return ['main_missing', { zh: '代码没有定义函数 main', en: 'The code defines no function main' }]
  }
  if (kind === 'stringify') {
    const words = { zh: `结果无法转换为 JSON：${whole}`, en: `The result can't be turned into JSON: ${whole}` }
    return ['result_not_json', words, at]
  }
  return [kind === 'top' && name === 'SyntaxError' ? 'sandbox_syntax' : 'sandbox_error', asSaid, at]
}

function mismatch(what: string): Text {
  if (what !== 'left out') return notAnObject(what)
  return {
    zh: 'main 返回的内容在 JSON 中不存在，应返回由输出组成的对象',
    en: 'main returned what JSON leaves out instead of an object of outputs',
  }
}
