import * as z from 'zod'
import { INTAKE_PROBLEMS, readIntake } from '../../shared/dataset/intake.ts'
import { acceptTask } from '../../shared/engine/accept-task.ts'
import { StartedWorkflowView, startedWorkflowView } from '../../shared/engine/start-answer.ts'
import { sha256 } from '../../shared/engine/task-files.ts'
import { newTask, settingsOf, TaskRequest } from '../../shared/engine/task-request.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { Problem } from '../../shared/platform/problems.ts'
import type { StoredSource } from '../../shared/platform/source-ref.ts'
import type { JsonObject } from '../../shared/workflow/definition/definition.ts'
import { loadWorkflow } from '../../shared/workflow/workflow-store.ts'
import { plannedRun, readsSource } from './planned-run.ts'

const RunRequest = TaskRequest.omit({ parameters: true, task_type: true }).extend({
  inputs: z.record(z.string(), z.json()).default({}).meta({ description: 'By the names that the workflow asks for' }),
  version: z.int().min(1).optional().meta({ description: 'The current one when absent' }),
})

const StartedRunView = StartedWorkflowView.extend({ workflow_id: z.string(), workflow_version: z.int() })

export default createFunction().post(
  '/api/v1/workflows/:workflow_id/run',
  describe({
    summary: 'Run a workflow as a task',
    tag: 'workflows',
    answers: { 202: envelopeOf(StartedRunView) },
    problems: ['workflow_not_found', 'invalid_inputs', 'concurrent_task', 'idempotency_conflict', ...INTAKE_PROBLEMS],
  }),
  validate('json', RunRequest),
  async (c) => {
    const { platform } = c.env
    const { inputs, version, ...request } = c.req.valid('json')
    const stored = await loadWorkflow(platform.store, c.req.param('workflow_id'), version)
    const planned = await plannedRun(platform, stored, inputs as JsonObject, c.var.language)
    const { source, tables } = await sourceOf()
    const task = newTask(
      request,
      {
        source,
        tables,
        createdBy: callerOf(c, request.trigger),
        idempotencyKey: c.req.header('Idempotency-Key') ?? null,
      },
      'complete',
    )
    const key = request.concurrency_key ?? (source.kind === 'none' ? ownKey() : source.name)
    // The built-in workflow is the pipeline itself.
    const parameters = stored.builtIn ? task.parameters : { ...task.parameters, workflow: planned }
    const { answer } = await acceptTask(
      platform,
      { ...task, taskType: stored.builtIn ? task.taskType : 'workflow', concurrencyKey: key, parameters },
      {
        requestHash: sha256(JSON.stringify({ id: stored.id, version, inputs, request })),
        start: true,
        answer: ({ taskId, run }) => {
          if (run === null) throw new Problem('internal', `The run of ${taskId} was not started`)
          const data = {
            ...startedWorkflowView(taskId, run, platform.clock.timeZone),
            workflow_id: planned.id,
            workflow_version: planned.version,
          }
          const message = data.status === 'running' ? 'workflow_started' : 'workflow_queued'
          return { status: 202, body: succeeded(c, message, data) }
        },
      },
    )
    return c.json(answer.body as object, answer.status as 202)

    /** A database is asked for only where a node reads one. */
    async function sourceOf(): Promise<{ source: StoredSource; tables: string[] | null }> {
      const settings = settingsOf(request)
      const named = settings.db_name !== undefined || settings.db_connection !== undefined
      if (named || readsSource(planned)) return await readIntake(platform, settings)
      return { source: { kind: 'none', name: '' }, tables: null }
    }

    /** Runs that read no database are in nobody's way. */
    function ownKey(): string {
      return `${stored.id}:${Math.floor(platform.random() * 2 ** 48).toString(36)}`
    }
  },
)
