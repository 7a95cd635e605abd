import { beforeEach, describe, expect, test } from 'vitest'
import { deliverAll } from '../../support/engine-kit.ts'
import { pipelineKit, TASKS } from '../../support/pipeline-kit.ts'
import type { TestPlatform } from '../../support/test-platform.ts'

const kit = pipelineKit()
let platform: TestPlatform

beforeEach(async () => {
  platform = await kit.openPlatform()
})

const FIELD = (name: string, type: string) => ({ name, type, required: true })

const GROWTH = {
  name: 'sales_growth',
  version: '1.0.0',
  executor_type: 'code',
  description: 'Growth of sales over the period before, in percent',
  inputs: [FIELD('sales_current', 'number'), FIELD('sales_previous', 'number')],
  outputs: [FIELD('growth', 'number')],
  code: 'function main({ sales_current, sales_previous }) { return { growth: (sales_current / sales_previous - 1) * 100 } }',
}

const VERDICT = {
  name: 'verdict',
  version: '1.0.0',
  executor_type: 'code',
  description: 'A word for a growth rate',
  inputs: [FIELD('growth', 'number')],
  outputs: [FIELD('word', 'string')],
  code: "function main({ growth }) { return { word: growth > 0 ? 'up' : 'down' } }",
}

const FLOW = {
  id: 'growth_flow',
  name: 'Growth',
  inputs: [FIELD('now', 'number'), FIELD('before', 'number')],
  nodes: [
    {
      name: 'rate',
      node: 'sales_growth',
      inputs: { sales_current: '{{ inputs.now }}', sales_previous: '{{ inputs.before }}' },
    },
    { name: 'say', node: 'verdict', inputs: { growth: '{{ nodes.rate.outputs.growth }}' } },
  ],
  outputs: { text: 'Sales go {{ nodes.say.outputs.word }}', growth: '{{ nodes.rate.outputs.growth }}' },
}

async function post(path: string, body: unknown = {}) {
  const answer = await kit.call(platform, 'POST', path, body)
  if (answer.status >= 400) throw new Error(`${path}: ${JSON.stringify(answer.body)}`)
  return answer.body.data
}

async function finished(taskId: string) {
  await deliverAll(platform)
  await platform.settled()
  return (await kit.call(platform, 'GET', `${TASKS}/${taskId}`)).body.data
}

async function run(id: string, body: unknown) {
  const started = await post(`/api/v1/workflows/${id}/run`, body)
  return await finished(started.task_id)
}

async function nodes(...definitions: object[]) {
  for (const definition of definitions) await post('/api/v1/nodes', definition)
}

describe('a workflow of dynamic nodes', () => {
  test('runs from its inputs to its outputs, each node in the sandbox with what those before it gave', async () => {
    await nodes(GROWTH, VERDICT)
    await post('/api/v1/workflows', FLOW)
    const task = await run('growth_flow', { inputs: { now: 100, before: 80 } })
    expect(task).toMatchObject({
      status: 'completed',
      progress: 100,
      task_type: 'workflow',
      step_status: { rate: 'completed', say: 'completed' },
      result: { outputs: { text: 'Sales go up', growth: 25 } },
    })
    const { rows } = await platform.store.query(
      `select node_name, success from sandbox_runs where origin = 'workflow' order by id`,
    )
    expect(rows).toEqual([
      { node_name: 'sales_growth', success: true },
      { node_name: 'verdict', success: true },
    ])
  })

  test('refuses inputs that do not fit before anything is begun', async () => {
    await nodes(GROWTH, VERDICT)
    await post('/api/v1/workflows', FLOW)
    const answer = await kit.call(platform, 'POST', '/api/v1/workflows/growth_flow/run', {
      inputs: { now: 'much', befor: 1 },
    })
    expect(answer.status).toBe(422)
    expect(answer.body.code).toBe('invalid_inputs')
    const paths = answer.body.errors.map(({ path }: { path: string }) => path)
    expect(paths.toSorted()).toEqual(['inputs.befor', 'inputs.before', 'inputs.now'])
    expect((await kit.call(platform, 'GET', TASKS)).body.data.tasks).toEqual([])
  })

  test('skips a node whose condition does not hold, and what only it would have fed', async () => {
    await nodes(GROWTH, VERDICT)
    const [rate, say] = FLOW.nodes
    await post('/api/v1/workflows', {
      ...FLOW,
      nodes: [{ ...rate, when: '{{ inputs.before }} > 0' }, say],
      outputs: { growth: '{{ nodes.rate.outputs.growth }}' },
    })
    const task = await run('growth_flow', { inputs: { now: 1, before: 0 } })
    expect(task.status).toBe('completed')
    expect(task.step_status).toEqual({ rate: 'skipped', say: 'skipped' })
    expect(task.result).toEqual({ outputs: { growth: null } })
  })

  test('runs a node once for each item of a list, and gives lists', async () => {
    await nodes(VERDICT)
    await post('/api/v1/workflows', {
      id: 'each',
      inputs: [FIELD('rates', 'list<number>')],
      nodes: [{ name: 'say', node: 'verdict', for_each: '{{ inputs.rates }}', inputs: { growth: '{{ item }}' } }],
      outputs: { words: '{{ nodes.say.outputs.word }}' },
    })
    const task = await run('each', { inputs: { rates: [1, -1, 2] } })
    expect(task.result).toEqual({ outputs: { words: ['up', 'down', 'up'] } })
  })

  test('passes results above 120 KB by a file', async () => {
    const many = {
      ...VERDICT,
      name: 'many',
      inputs: [FIELD('count', 'integer')],
      outputs: [FIELD('rows', 'list<string>')],
      code: "function main({ count }) { return { rows: Array.from({ length: count }, (_, n) => 'row ' + n + ' '.repeat(90)) } }",
    }
    const count = {
      ...VERDICT,
      name: 'counted',
      inputs: [FIELD('rows', 'list<string>')],
      outputs: [FIELD('count', 'integer')],
      code: 'function main({ rows }) { return { count: rows.length } }',
    }
    await nodes(many, count)
    await post('/api/v1/workflows', {
      id: 'large',
      nodes: [
        { name: 'make', node: 'many', inputs: { count: 3000 } },
        { name: 'count', node: 'counted', inputs: { rows: '{{ nodes.make.outputs.rows }}' } },
      ],
      outputs: { count: '{{ nodes.count.outputs.count }}' },
    })
    const task = await run('large', {})
    expect(task.result).toEqual({ outputs: { count: 3000 } })
    const { files } = (await kit.call(platform, 'GET', `${TASKS}/${task.task_id}/files`)).body.data
    expect(files.map(({ file_name }: { file_name: string }) => file_name)).toContain('make_outputs.json')
  })
})

describe('a run that fails', () => {
  const BROKEN = {
    ...VERDICT,
    version: '1.1.0',
    code: "function main({ growth }) { if (growth > 20) throw new Error('too good') ; return { word: 'up' } }",
    tests: [{ inputs: { growth: 1 } }],
  }

  test('tells which node, why, and where in its code, and takes back a version that never came to its end', async () => {
    await nodes(GROWTH, VERDICT, BROKEN)
    const [rate, say] = FLOW.nodes
    await post('/api/v1/workflows', { ...FLOW, nodes: [rate, { ...say, version: '1.0.0' }] })
    expect((await run('growth_flow', { inputs: { now: 100, before: 80 } })).status).toBe('completed')
    const put = await kit.call(platform, 'PUT', '/api/v1/workflows/growth_flow', {
      definition: { ...FLOW, id: undefined, nodes: [rate, { ...say, version: '1.1.0' }] },
    })
    expect(put.status, JSON.stringify(put.body)).toBe(200)
    const task = await run('growth_flow', { inputs: { now: 100, before: 80 } })
    expect(task).toMatchObject({ status: 'failed', error_code: 'sandbox_error', step_status: { say: 'failed' } })
    expect(task.error_message).toContain('too good')
    expect(task.error_message).toMatch(/line 1/)
    const workflow = (await kit.call(platform, 'GET', '/api/v1/workflows/growth_flow')).body.data
    expect(workflow.version).toBe(3)
    expect(workflow.definition.nodes[1].version).toBe('1.0.0')
    expect((await run('growth_flow', { inputs: { now: 100, before: 80 } })).status).toBe('completed')
  })
})

test('a filter between questions and their validation makes a pipeline of one’s own', async () => {
  const filter = {
    ...VERDICT,
    name: 'only_counts',
    inputs: [FIELD('pairs', 'list<object>')],
    outputs: [FIELD('pairs', 'list<object>')],
    code: 'function main({ pairs }) { return { pairs: pairs.filter(({ sql }) => /count/i.test(sql)) } }',
    tests: [{ inputs: { pairs: [{ question: 'q', sql: 'select 1' }] }, outputs: { pairs: [] } }],
  }
  await nodes(filter)
  await post('/api/v1/workflows', { id: 'counting', copy_of: 'data_pipeline' })
  const { definition } = (await kit.call(platform, 'GET', '/api/v1/workflows/counting')).body.data
  const [ddl, qa, validation, load] = definition.nodes
  const put = await kit.call(platform, 'PUT', '/api/v1/workflows/counting', {
    definition: {
      ...definition,
      nodes: [
        ddl,
        qa,
        { name: 'only_counts', node: 'only_counts', inputs: { pairs: '{{ nodes.qa_generation.outputs.pairs }}' } },
        { ...validation, inputs: { pairs: '{{ nodes.only_counts.outputs.pairs }}' } },
        load,
      ],
    },
  })
  expect(put.status, JSON.stringify(put.body)).toBe(200)
  const task = await run('counting', { db_name: 'shop', language: 'en' })
  expect(task.error_message).toBeNull()
  expect(task.step_status).toEqual({
    ddl_generation: 'completed',
    qa_generation: 'completed',
    only_counts: 'completed',
    sql_validation: 'completed',
    training_load: 'completed',
  })
  const { pairs } = (await kit.call(platform, 'GET', `${TASKS}/${task.task_id}/pairs?limit=200`)).body.data
  expect(pairs.length).toBeGreaterThan(0)
  for (const { sql } of pairs) expect(sql).toMatch(/count/i)
})

test('the built-in workflow runs as the pipeline itself', async () => {
  const task = await run('data_pipeline', { db_name: 'shop', language: 'en' })
  expect(task).toMatchObject({ status: 'completed', task_type: 'complete_workflow' })
  expect(Object.keys(task.step_status)).toEqual(['ddl_generation', 'qa_generation', 'sql_validation', 'training_load'])
})

test('jobs show runs under their other names', async () => {
  await nodes(GROWTH, VERDICT)
  await post('/api/v1/workflows', FLOW)
  const task = await run('growth_flow', { inputs: { now: 1, before: 2 }, business_context: 'How do sales go?' })
  const { jobs } = (await kit.call(platform, 'GET', '/api/v1/jobs?status=completed')).body.data
  expect(jobs).toMatchObject([{ id: task.task_id, status: 'COMPLETED', chat_input: 'How do sales go?' }])
  const job = (await kit.call(platform, 'GET', `/api/v1/jobs/${task.task_id}`)).body.data
  expect(job.tasks.map(({ agent_id: agent }: { agent_id: string }) => agent)).toEqual(['start', 'rate', 'say', 'end'])
})
