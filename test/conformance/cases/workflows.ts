import { deepEqual, equal, match } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'
import { untilFinal } from '../suite/job.ts'
import type { Kit } from '../suite/kit.ts'

const NODES = '/api/v1/nodes'
const WORKFLOWS = '/api/v1/workflows'
const SECONDS_MAX = 100

/** A node that squares, and one that never ends. */
function node(name: string, code: string, limits = {}) {
  return {
    name,
    version: '1.0.0',
    executor_type: 'code',
    description: `Conformance: ${name}`,
    inputs: [{ name: 'n', type: 'number' }],
    outputs: [{ name: 'n', type: 'number' }],
    code,
    limits,
    tests: [{ inputs: { n: 3 } }],
  }
}

const SQUARE = node('conform_square', 'function main({ n }) { return { n: n * n } }')
const LOOPS = node('conform_loops', 'function main({ n }) { while (n !== 3) {} return { n } }', { timeout_seconds: 1 })

async function created(t: Kit, path: string, body: object): Promise<void> {
  const answer = await t.call('POST', path, body)
  if (![200, 201, 409].includes(answer.status)) throw new Error(`${path}: ${JSON.stringify(answer.body)}`)
}

async function run(t: Kit, id: string, inputs: object) {
  const started = await t.call('POST', `${WORKFLOWS}/${id}/run`, { inputs })
  equal(started.status, 202, JSON.stringify(started.body))
  return await untilFinal(t, started.body.data.task_id, SECONDS_MAX)
}

/** Nodes that people add, and workflows of them. */
export const workflows = casesOf(
  'workflows',
  [
    'runs a workflow of nodes, two of them side by side, from its inputs to its outputs',
    async (t) => {
      await created(t, NODES, SQUARE)
      const square = (name: string, n: string) => ({ name, node: 'conform_square', inputs: { n } })
      await created(t, WORKFLOWS, {
        id: 'conform_diamond',
        inputs: [{ name: 'n', type: 'number' }],
        nodes: [
          square('first', '{{ inputs.n }}'),
          square('left', '{{ nodes.first.outputs.n }}'),
          { ...square('right', '{{ nodes.first.outputs.n }}'), when: '{{ inputs.n }} > 100' },
          { ...square('last', '{{ nodes.left.outputs.n }}'), needs: ['right'] },
        ],
        outputs: { n: '{{ nodes.last.outputs.n }}', side: '{{ nodes.right.outputs.n }}' },
      })
      const task = await run(t, 'conform_diamond', { n: 2 })
      deepEqual([task.status, task.error_message], ['completed', null])
      deepEqual(task.result, { outputs: { n: 256, side: null } })
      deepEqual(task.step_status, { first: 'completed', left: 'completed', right: 'skipped', last: 'completed' })
    },
  ],
  [
    'ends a node that never ends, and says so',
    async (t) => {
      await created(t, NODES, LOOPS)
      await created(t, WORKFLOWS, {
        id: 'conform_endless',
        inputs: [{ name: 'n', type: 'number' }],
        nodes: [{ name: 'loops', node: 'conform_loops', inputs: { n: '{{ inputs.n }}' }, retry: { max_attempts: 1 } }],
      })
      const task = await run(t, 'conform_endless', { n: 4 })
      deepEqual([task.status, task.error_code], ['failed', 'sandbox_timeout'])
      match(task.error_message, /conform_loops|loops/)
      equal((await t.call('GET', '/health/dynamic-nodes')).body.sandbox.evaluates, true)
    },
  ],
)
