import type { FunctionDefinition } from '../../functions/manifest.ts'
import { acceptTask } from '../../shared/engine/accept-task.ts'
import { END, type PlannedWorkflow, START } from '../../shared/engine/planned-workflow.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { type Draws, drawsOf } from './chance.ts'
import type { World } from './model.ts'
import type { Flow, FlowNode, Plan } from './plan.ts'
import { hashOf } from './ports.ts'

const NODES_MAX = 5
const HOUR_MS = 3_600_000

const drawn = new WeakMap<Plan, Map<string, Flow>>()

/** The workflow of that id: the same wherever it is asked for. */
function flowNamed(plan: Plan, id: string): Flow {
  const known = drawn.get(plan) ?? new Map<string, Flow>()
  drawn.set(plan, known)
  const flow = known.get(id) ?? plan.flow ?? drawFlow(plan, drawsOf(plan.seed, id))
  known.set(id, flow)
  return flow
}

/** A small graph, in an order in which every node comes after those that it needs. */
function drawFlow(plan: Plan, draws: Draws): Flow {
  const flow: FlowNode[] = []
  const count = draws.whole(1, NODES_MAX)
  for (let number = 1; number <= count; number += 1) {
    flow.push({
      name: `node${number}`,
      needs: flow.filter(() => draws.chance(0.45)).map(({ name }) => name),
      holds: !draws.chance(plan.skips / 2),
      timeout_ms: plan.timeouts ? 60_000 : 2 * HOUR_MS,
      max_attempts: draws.whole(1, 3),
    })
  }
  return flow
}

/** What a task runs instead of the pipeline; null for the pipeline. */
export function flowOf(world: World, taskId: string): Flow | null {
  const id = world.mirror.tasks.get(taskId)?.workflow_id ?? PIPELINE_ID
  return id === PIPELINE_ID ? null : flowNamed(world.plan, id)
}

const PIPELINE_ID = 'data_pipeline'

/** Whether a node is left out: told by its function from what the engine tells it, by the checker from the graph alone. */
export function isLeftOut({ needs, holds }: FlowNode, isSkipped: (name: string) => boolean): boolean {
  return !holds || (needs.length > 0 && needs.every(isSkipped))
}

/** Whether a node of a flow is to be skipped, whoever tells so. */
export function isToBeSkipped(flow: Flow, name: string): boolean {
  const node = flow.find((one) => one.name === name)
  return node !== undefined && isLeftOut(node, (needed) => isToBeSkipped(flow, needed))
}

export function isBorder(step: string): boolean {
  return step === START || step === END
}

/** Accepts a run of a workflow that nobody has saved: what the engine knows of one is all that is simulated. */
export function flowFunction(current: () => World): FunctionDefinition {
  const app = createFunction().post('/sim/flows', async (c) => {
    const text = await c.req.text()
    const { id, priority, concurrency_key } = JSON.parse(text) as {
      id: string
      priority: number
      concurrency_key: string
    }
    const nodes = flowNamed(current().plan, id).map((node) => ({ ...node, function: 'workflow-node' }))
    const workflow: PlannedWorkflow = { id, version: 1, nodes, inputs: {} }
    const request = {
      taskType: 'workflow',
      createdBy: 'sim',
      priority,
      concurrencyKey: concurrency_key,
      idempotencyKey: c.req.header('Idempotency-Key') ?? null,
      idPrefix: 'task',
      executionMode: 'complete',
      parameters: {
        db_name: 'shop',
        enable_sql_validation: true,
        enable_llm_repair: true,
        modify_original_file: true,
        enable_training_data_load: true,
        language: 'en',
        source: { kind: 'configured', name: 'shop' },
        workflow,
      },
    } as const
    const { answer } = await acceptTask(c.env.platform, request, {
      requestHash: hashOf(Buffer.from(text)),
      start: true,
      answer: ({ taskId, run }) => {
        return { status: 202, body: { success: true, data: { task_id: taskId, execution_id: run?.id } } }
      },
    })
    return c.json(answer.body as object, answer.status as 202)
  })
  return { name: 'sim-flow', trigger: 'http', app }
}
