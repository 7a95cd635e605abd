import type { SandboxErrorCode, SandboxLimits } from '../platform/sandbox.ts'
import type { Text } from './text.ts'

export type Outputs = Readonly<Record<string, unknown>>

interface Refused {
  readonly code: SandboxErrorCode
  readonly message: Text
}

/** The outputs in the JSON text of a result, or why they are none. */
export function outputsOf(text: string, limits: SandboxLimits): { readonly value: Outputs } | Refused {
  const bytes = text.length * 3 <= limits.result_bytes ? 0 : new TextEncoder().encode(text).length
  if (bytes > limits.result_bytes) {
    return {
      code: 'result_too_large',
      message: {
        zh: `结果有 ${bytes} 字节，超过 result_bytes（${limits.result_bytes}）`,
        en: `The result has ${bytes} bytes, more than result_bytes (${limits.result_bytes}) allows`,
      },
    }
  }
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      code: 'output_mismatch',
      message: notAnObject(Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value),
    }
  }
  return refused(value, text.includes('__proto__'), limits.result_depth) ?? { value: value as Outputs }
}

/** What `main` gave instead: `null`, `list`, `number` … */
export function notAnObject(what: string): Text {
  const en = what === 'null' || what === 'undefined' ? what : `a ${what}`
  return {
    zh: `main 返回了 ${what === 'list' ? '列表' : what}，应返回由输出组成的对象`,
    en: `main returned ${en} instead of an object of outputs`,
  }
}

/** Level by level, so that no depth is too deep to be looked at. */
function refused(value: object, mayHaveProto: boolean, depthMax: number): Refused | null {
  let level: object[] = [value]
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > depthMax) {
      return {
        code: 'result_too_deep',
        message: {
          zh: `结果的嵌套深度超过 result_depth（${depthMax}）`,
          en: `The result is nested deeper than result_depth (${depthMax}) allows`,
        },
      }
    }
    const next: object[] = []
    for (const one of level) {
      if (mayHaveProto && Object.hasOwn(one, '__proto__')) {
        return {
          code: 'result_not_json',
          message: {
            zh: '结果含有不允许的键“__proto__”',
            en: 'The result has a key "__proto__", which is not allowed',
          },
        }
      }
      for (const child of Object.values(one)) if (typeof child === 'object' && child !== null) next.push(child)
    }
    level = next
  }
  return null
}
