import * as z from 'zod'
import type { JsonObject } from './definition/definition.ts'
import type { NodeError } from './node-run.ts'
import { FindingView } from './node-view.ts'
import type { Trial, TrialRun } from './trial.ts'

const CheckView = z.object({
  name: z.enum(['success', 'time', 'output', 'memory']),
  passed: z.boolean(),
  message: z.string(),
  value: z.union([z.number(), z.string()]),
  limit: z.union([z.number(), z.string()]),
})

const ErrorView = z.object({
  code: z.string(),
  message: z.string(),
  line: z.number().int().nullable(),
  column: z.number().int().nullable(),
  frame: z.string().optional(),
  hint: z.string().optional(),
  findings: z.array(FindingView).optional(),
})

const RunView = z.object({
  success: z.boolean(),
  outputs: z.record(z.string(), z.json()).nullable(),
  exit_code: z.number().int(),
  duration_ms: z.number(),
  memory_bytes: z.number(),
  logs: z.array(z.object({ level: z.string(), text: z.string() })),
  error: ErrorView.nullable(),
})

/** A trial as it is answered: what decided it at the top, then the four checks and each run. */
export const TrialView = RunView.extend({
  inputs: z.record(z.string(), z.json()),
  generated: z.boolean().meta({ description: 'Whether Helix made the inputs up' }),
  checks: z.array(CheckView),
  tests: z.array(
    RunView.omit({ logs: true }).extend({
      name: z.string(),
      inputs: z.record(z.string(), z.json()),
      expected: z.record(z.string(), z.json()).optional(),
    }),
  ),
})

export function trialView(trial: Trial): z.infer<typeof TrialView> {
  const { decisive, runs, checks, success } = trial
  return {
    ...runView(decisive),
    success,
    inputs: mutable(decisive.inputs),
    generated: decisive.origin === 'generated',
    checks: [...checks],
    tests: runs
      .filter(({ origin }) => origin === 'test')
      .map((run) => {
        const { logs: _logs, ...rest } = runView(run)
        const { name, inputs, expected } = run
        return {
          name,
          inputs: mutable(inputs),
          ...rest,
          ...(expected === undefined ? {} : { expected: mutable(expected) }),
        }
      }),
  }
}

function runView({
  success,
  outputs,
  exit_code,
  duration_ms,
  memory_bytes,
  logs,
  error,
}: TrialRun): z.infer<typeof RunView> {
  const { findings, ...told } = error ?? { findings: undefined }
  return {
    success,
    outputs: outputs === null ? null : mutable(outputs),
    exit_code,
    duration_ms,
    memory_bytes,
    logs: logs.map((line) => ({ ...line })),
    error:
      error === null
        ? null
        : { ...(told as Omit<NodeError, 'findings'>), ...(findings === undefined ? {} : { findings: [...findings] }) },
  }
}

/** The same values; a schema's type promises no more than that they may be changed. */
function mutable(values: JsonObject): Record<string, z.core.util.JSONType> {
  return values as Record<string, z.core.util.JSONType>
}
