import { describe, expect, test } from 'vitest'
import type { Ending } from '../../../shared/engine/ending.ts'
import { nodeOutcome } from '../../../shared/engine/node-ending.ts'
import { END, type PlannedNode, type PlannedWorkflow, START } from '../../../shared/engine/planned-workflow.ts'
import type { Task } from '../../../shared/engine/task.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import { seededRandom } from '../../../shared/platform/random.ts'
import { execution, NOW } from '../../support/execution-factory.ts'

const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1)

interface Draws {
  chance(share: number): boolean
  below(count: number): number
}

function drawsOf(seed: number): Draws {
  const random = seededRandom(seed)
  return { chance: (share) => random() < share, below: (count) => Math.floor(random() * count) }
}

/** Up to twelve nodes, each of which needs some of those before it. */
function randomWorkflow(draws: Draws): PlannedWorkflow {
  const nodes: PlannedNode[] = []
  for (let index = 0; index <= draws.below(12); index += 1) {
    const needs = nodes.filter(() => draws.chance(0.35)).map(({ name }) => name)
    nodes.push({ name: `n${index}`, function: 'workflow-node', needs, timeout_ms: 1_000, max_attempts: 3 })
  }
  return { id: 'flow', version: 1, nodes, inputs: {} }
}

function newTask(workflow: PlannedWorkflow): Task {
  return {
    id: 'task_20250627_143052',
    taskType: 'workflow',
    status: 'in_progress',
    parameters: { workflow } as Task['parameters'],
    result: null,
    errorMessage: null,
    errorCode: null,
    stepStatus: Object.fromEntries(workflow.nodes.map(({ name }) => [name, 'pending'])),
    outputDirectory: '',
    createdAt: NOW,
    startedAt: NOW,
    completedAt: null,
    createdBy: null,
    dbName: '',
    businessContext: null,
    priority: 0,
    concurrencyKey: '',
    progress: 0,
  }
}

interface Played {
  readonly task: Task
  /** Nodes in the order in which they began and came to their last end. */
  readonly began: readonly string[]
  readonly ended: readonly string[]
  readonly runEnds: number
}

const FAILED: Ending = { kind: 'failed', problem: new Problem('source_refused', 'no') }
const ENDINGS: readonly Ending[] = [
  { kind: 'completed', result: {}, outputs: [], skipped: true },
  { kind: 'retry', problem: new Problem('source_unreachable', 'later'), availableAt: NOW },
  { kind: 'sliced' },
]

/** Plays a run: whatever is under way ends in any order, in any way that is left to it. */
function play(workflow: PlannedWorkflow, draws: Draws, { failing = 0, stopping = 0 } = {}): Played {
  let task = newTask(workflow)
  const underWay = [START]
  const [began, ended]: [string[], string[]] = [[], []]
  let runEnds = 0
  for (let turns = 0; underWay.length > 0; turns += 1) {
    if (turns > 1_000) throw new Error('The run never ends')
    const [step = START] = underWay.splice(draws.below(underWay.length), 1)
    const border = step === START || step === END
    const ending: Ending =
      !border && draws.chance(failing)
        ? FAILED
        : !border && draws.chance(stopping)
          ? { kind: 'cancelled' }
          : draws.chance(0.3)
            ? (ENDINGS[draws.below(border ? 0 : 3)] ?? { kind: 'sliced' })
            : { kind: 'completed', result: {}, outputs: [] }
    const others = underWay.length
    const after = nodeOutcome(task, workflow, execution({ step, taskId: task.id }), ending, {
      others,
      now: NOW,
      language: 'en',
    })
    expect(after.task.progress).toBeGreaterThanOrEqual(task.progress)
    task = after.task
    if (ending.kind === 'retry' || ending.kind === 'sliced') underWay.push(step)
    else ended.push(step)
    for (const { name, needs } of after.next) {
      expect(needs.filter((needed) => !ended.includes(needed))).toEqual([])
      began.push(name)
      underWay.push(name)
    }
    if (after.runEnded) {
      runEnds += 1
      expect(underWay).toEqual([])
    }
  }
  return { task, began, ended, runEnds }
}

describe('however its nodes end, and in whatever order,', () => {
  test.each(SEEDS)('a run of the workflow of seed %i that nothing breaks works every node once', (seed) => {
    const draws = drawsOf(seed)
    const workflow = randomWorkflow(draws)
    const { task, began, runEnds } = play(workflow, draws)
    expect(runEnds).toBe(1)
    expect(began.toSorted()).toEqual([...workflow.nodes.map(({ name }) => name), END].toSorted())
    expect(task).toMatchObject({ status: 'completed', progress: 100, errorCode: null })
  })

  test.each(SEEDS)('a run of the workflow of seed %i with nodes that fail ends once, as failed if one did', (seed) => {
    const draws = drawsOf(seed)
    const workflow = randomWorkflow(draws)
    const { task, began, runEnds } = play(workflow, draws, { failing: 0.2 })
    const failed = Object.values(task.stepStatus).includes('failed')
    expect(runEnds).toBe(1)
    expect(new Set(began).size).toBe(began.length)
    expect(task.status).toBe(failed ? 'failed' : 'completed')
    expect(task.errorCode).toBe(failed ? 'source_refused' : null)
    expect(began).toContain(END)
  })

  test.each(SEEDS)('a run of the workflow of seed %i that is cancelled begins nothing more and ends once', (seed) => {
    const draws = drawsOf(seed)
    const workflow = randomWorkflow(draws)
    const { task, runEnds } = play(workflow, draws, { stopping: 0.3 })
    const cancelled = Object.values(task.stepStatus).includes('cancelled')
    expect(runEnds).toBe(1)
    expect(task.status).toBe(cancelled ? 'cancelled' : 'completed')
    expect(Object.values(task.stepStatus).filter((status) => status === 'running' || status === 'queued')).toEqual([])
  })
})
