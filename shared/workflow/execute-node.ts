import type { Platform } from '../platform/platform.ts'
import type { Language } from '../platform/problems.ts'
import type { Finding, JsonObject, NodeDefinition } from './definition/definition.ts'
import { hasErrors } from './definition/findings.ts'
import { validateInputs, validateOutputs } from './definition/values.ts'
import { recordSandboxRun } from './node-records.ts'
import { type ExecuteOptions, failedRun, type NodeRun, type RunContext, runOfSandbox } from './node-run.ts'
import { runPrompt } from './run-prompt.ts'
import { runQuery } from './run-query.ts'

export const TIMEOUT_MS_DEFAULT = 30_000
const MB = 1024 * 1024
const KB = 1024

/**
 * Runs a node on its inputs: checks them, runs it by its executor, checks what it answers. What the node does wrong is in
 * the answer; each run of code is recorded.
 * @throws {Problem} for what is not the node's fault and may pass: `store_unavailable`, `source_unreachable`, `llm_failed`
 */
export async function executeNode(
  platform: Platform,
  definition: NodeDefinition,
  inputs: JsonObject,
  options: ExecuteOptions,
): Promise<NodeRun> {
  const language = options.language ?? 'zh'
  const { values, findings } = validateInputs(definition, inputs, language)
  if (hasErrors(findings)) {
    return failedRun({ code: 'invalid_inputs', message: told(findings), findings })
  }
  const timeoutMs = Math.min(timeoutOf(definition), options.timeoutMs ?? Number.POSITIVE_INFINITY)
  const run = await runBy(platform, definition, values, { ...options, language, timeoutMs })
  const checked = checkedRun(definition, run, language)
  if (definition.executor_type === 'code') {
    await recordSandboxRun(platform, definition, checked, options)
  }
  return checked
}

/** How long a node may take. */
export function timeoutOf({ limits }: NodeDefinition): number {
  return limits?.timeout_seconds === undefined ? TIMEOUT_MS_DEFAULT : limits.timeout_seconds * 1000
}

async function runBy(
  platform: Platform,
  definition: NodeDefinition,
  inputs: JsonObject,
  context: RunContext,
): Promise<NodeRun> {
  if (definition.executor_type === 'sql') return await runQuery(platform, definition, inputs, context)
  if (definition.executor_type === 'llm') return await runPrompt(platform, definition, inputs, context)
  if (definition.executor_type === 'step') {
    return failedRun({
      code: 'step_not_run',
      message:
        context.language === 'zh'
          ? `步骤 ${definition.step} 只能在任务中运行`
          : `The step ${definition.step} runs in a task only`,
    })
  }
  const { limits = {}, code = '' } = definition
  const run = await platform.sandbox.run(
    {
      code,
      inputs,
      limits: {
        timeout_ms: context.timeoutMs,
        ...(limits.memory_mb === undefined ? {} : { memory_bytes: limits.memory_mb * MB }),
        ...(limits.stack_kb === undefined ? {} : { stack_bytes: limits.stack_kb * KB }),
        ...(limits.input_kb === undefined ? {} : { input_bytes: limits.input_kb * KB }),
        ...(limits.result_kb === undefined ? {} : { result_bytes: limits.result_kb * KB }),
      },
      timeZone: platform.clock.timeZone,
      language: context.language,
      ...(context.now === undefined ? {} : { now: context.now }),
    },
    context.signal,
  )
  return runOfSandbox(run)
}

/** The run, failed where its answer is not what the definition declares; what is not declared is left out. */
function checkedRun(definition: NodeDefinition, run: NodeRun, language: Language): NodeRun {
  if (!run.success || run.outputs === null) return run
  const findings = validateOutputs(definition, run.outputs, language)
  if (hasErrors(findings)) {
    return failedRun({ code: 'output_mismatch', message: told(findings), findings }, run)
  }
  const { outputs } = run
  const declared = definition.outputs.filter(({ name }) => Object.hasOwn(outputs, name))
  return { ...run, outputs: Object.fromEntries(declared.map(({ name }) => [name, outputs[name] ?? null])) }
}

function told(findings: readonly Finding[]): string {
  return findings
    .filter(({ severity }) => severity === 'error')
    .slice(0, 5)
    .map(({ path, message }) => `${path}: ${message}`)
    .join('; ')
}
