import type { Language } from '../platform/problems.ts'
import { SANDBOX_LIMITS } from '../platform/sandbox.ts'
import type { NodeDefinition } from './definition/definition.ts'
import { timeoutOf } from './execute-node.ts'
import type { NodeRun } from './node-run.ts'

/** One of the four checks that a node passes before it is taken. */
export interface TrialCheck {
  readonly name: 'success' | 'time' | 'output' | 'memory'
  readonly passed: boolean
  readonly message: string
  readonly value: number | string
  readonly limit: number | string
}

const TIME_ERRORS = ['sandbox_timeout', 'node_timeout', 'never_settles']
const MEMORY_ERRORS = ['sandbox_memory', 'sandbox_stack']
const OUTPUT_ERRORS = ['output_mismatch', 'result_not_json', 'result_too_large', 'result_too_deep']
const MB = 1024 * 1024

/** The four checks of the specification: it succeeds, in time, with the outputs it declares, within its memory. */
export function checksOf(definition: NodeDefinition, run: NodeRun, language: Language): readonly TrialCheck[] {
  const { success, exit_code, duration_ms, memory_bytes, error, outputs } = run
  const code = error?.code ?? ''
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en)
  const ran = success || OUTPUT_ERRORS.includes(code)
  const timeMax = timeoutOf(definition)
  const memoryMax =
    definition.limits?.memory_mb === undefined ? SANDBOX_LIMITS.memory_bytes : definition.limits.memory_mb * MB
  const inTime = !TIME_ERRORS.includes(code) && duration_ms < timeMax
  const inMemory = !MEMORY_ERRORS.includes(code) && memory_bytes < memoryMax
  const told = error?.message ?? ''
  return [
    {
      name: 'success',
      passed: ran,
      message: ran ? say('没有错误', 'It ran without an error') : told,
      value: ran ? 0 : exit_code,
      limit: 0,
    },
    {
      name: 'time',
      passed: inTime,
      message: say(`${shown(duration_ms)} 毫秒，上限 ${timeMax} 毫秒`, `${shown(duration_ms)} ms of ${timeMax} ms`),
      value: duration_ms,
      limit: timeMax,
    },
    {
      name: 'output',
      passed: success && outputs !== null,
      message: success
        ? say('符合定义', 'The outputs are as declared')
        : ran
          ? told
          : say('没有输出', 'There is no output'),
      value: outputs === null ? '' : Object.keys(outputs).join(', '),
      limit: definition.outputs.map(({ name, type }) => `${name}: ${type}`).join(', '),
    },
    {
      name: 'memory',
      passed: inMemory,
      message: say(
        `${shown(memory_bytes / MB)} MB，上限 ${shown(memoryMax / MB)} MB`,
        `${shown(memory_bytes / MB)} MB of ${shown(memoryMax / MB)} MB`,
      ),
      value: memory_bytes,
      limit: memoryMax,
    },
  ]
}

function shown(number: number): string {
  return String(Math.round(number * 10) / 10)
}
