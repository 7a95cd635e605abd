import type { Context } from 'hono'
import * as z from 'zod'
import { readIntake } from '../../shared/dataset/intake.ts'
import { acceptTask } from '../../shared/engine/accept-task.ts'
import type { StoredAnswer } from '../../shared/engine/idempotency.ts'
import { StartedWorkflowView, startedWorkflowView } from '../../shared/engine/start-answer.ts'
import { sha256 } from '../../shared/engine/task-files.ts'
import { newTask, settingsOf, TaskRequest } from '../../shared/engine/task-request.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import type { FunctionEnv, Platform } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'
import type { StoredSource } from '../../shared/platform/source-ref.ts'
import type { JsonObject } from '../../shared/workflow/definition/definition.ts'
import type { Workflow } from '../../shared/workflow/workflow-store.ts'
import { plannedRun, readsSource } from './planned-run.ts'

/** What a run may be told beside its inputs: the settings of a task. */
export const RunSettings = TaskRequest.omit({ parameters: true, task_type: true })

export const RunInputs = z
  .record(z.string(), z.json())
  .default({})
  .meta({ description: 'By the names that the workflow asks for' })

export const StartedRunView = StartedWorkflowView.extend({ workflow_id: z.string(), workflow_version: z.int() })

export interface RunRequest {
  readonly inputs: JsonObject
  readonly settings: z.infer<typeof RunSettings>
  /** What the Idempotency-Key is held against, besides the workflow, the inputs and the settings. */
  readonly asked: unknown
}

/**
 * Accepts a task that runs a version of a workflow.
 * @param answer what the caller is told; a repeat of the key gets it word for word
 * @throws {Problem} `invalid_inputs`, and as `readIntake` and `acceptTask`
 */
export async function startRun(
  c: Context<FunctionEnv>,
  workflow: Workflow,
  { inputs, settings, asked }: RunRequest,
  answer: (started: z.infer<typeof StartedRunView>) => StoredAnswer,
): Promise<StoredAnswer> {
  const { platform } = c.env
  const planned = await plannedRun(platform, workflow, inputs, c.var.language)
  const { source, tables } = await sourceOf(platform, settings, readsSource(planned))
  const idempotencyKey = c.req.header('Idempotency-Key') ?? null
  const createdBy = callerOf(c, settings.trigger)
  const task = newTask(settings, { source, tables, createdBy, idempotencyKey }, 'complete')
  const given = workflow.builtIn
    ? task // it is the pipeline itself
    : {
        ...task,
        taskType: 'workflow',
        concurrencyKey: settings.concurrency_key ?? keyOf(platform, workflow.id, source),
        parameters: { ...task.parameters, workflow: planned },
      }
  const accepted = await acceptTask(platform, given, {
    requestHash: sha256(JSON.stringify({ id: workflow.id, asked, inputs, settings })),
    start: true,
    answer: ({ taskId, run }) => {
      if (run === null) throw new Problem('internal', `The run of ${taskId} was not started`)
      const started = startedWorkflowView(taskId, run, platform.clock.timeZone)
      return answer({ ...started, workflow_id: planned.id, workflow_version: planned.version })
    },
  })
  return accepted.answer
}

/** A database is asked for only where a node reads one. */
async function sourceOf(
  platform: Platform,
  given: z.infer<typeof RunSettings>,
  isRead: boolean,
): Promise<{ source: StoredSource; tables: string[] | null }> {
  const settings = settingsOf(given)
  const named = settings.db_name !== undefined || settings.db_connection !== undefined
  if (named || isRead) return await readIntake(platform, settings)
  return { source: { kind: 'none', name: '' }, tables: null }
}

/** Runs on one database go one after the other; those that read none are in nobody's way. */
function keyOf({ random }: Platform, id: string, source: StoredSource): string {
  return source.kind === 'none' ? `${id}:${Math.floor(random() * 2 ** 48).toString(36)}` : source.name
}
