import type { SandboxErrorCode, SandboxLimits } from '../platform/sandbox.ts'

export type Outputs = Readonly<Record<string, unknown>>

interface Refused {
  readonly code: SandboxErrorCode
  readonly message: string
}

/** The outputs in the JSON text of a result, or why they are none. */
export function outputsOf(text: string, limits: SandboxLimits): { readonly value: Outputs } | Refused {
  const bytes = text.length * 3 <= limits.result_bytes ? 0 : new TextEncoder().encode(text).length
  if (bytes > limits.result_bytes) {
    return {
      code: 'result_too_large',
      message: `The result has ${bytes} bytes, more than result_bytes (${limits.result_bytes}) allows`,
    }
  }
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const what = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`
    return { code: 'output_mismatch', message: `main returned ${what} instead of an object of outputs` }
  }
  return refused(value, text.includes('__proto__'), limits.result_depth) ?? { value: value as Outputs }
}

/** Level by level, so that no depth is too deep to be looked at. */
function refused(value: object, mayHaveProto: boolean, depthMax: number): Refused | null {
  let level: object[] = [value]
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > depthMax) {
      return { code: 'result_too_deep', message: `The result is nested deeper than result_depth (${depthMax}) allows` }
    }
    const next: object[] = []
    for (const one of level) {
      if (mayHaveProto && Object.hasOwn(one, '__proto__')) {
        return { code: 'result_not_json', message: 'The result has a key "__proto__", which is not allowed' }
      }
      for (const child of Object.values(one)) if (typeof child === 'object' && child !== null) next.push(child)
    }
    level = next
  }
  return null
}
