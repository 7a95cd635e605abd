import { describe, expect, test } from 'vitest'
import { loadNode } from '../../../shared/workflow/node-store.ts'
import { functionKit } from '../../support/function-kit.ts'
import { SALES_GROWTH } from '../../support/node-samples.ts'

const NODES = '/api/v1/nodes'
const kit = functionKit()
const YAML = { 'content-type': 'application/yaml', 'accept-language': 'en' }

/** Sends a text as it is. */
async function post(path: string, body: string, headers: Record<string, string> = YAML) {
  const answer = await kit.sendText('POST', path, body, headers)
  return { status: answer.status, body: (await answer.json()) as Answer }
}
// biome-ignore lint/suspicious/noExplicitAny: an answer is compared, not computed with
type Answer = any
const read = async (path: string) => await kit.read<Answer>(path)
const rows = async (sql: string) => (await kit.platform.store.query<Record<string, unknown>>(sql)).rows
const code = (source: string) =>
  SALES_GROWTH.replace(/code: \|\n[\s\S]*?\ntests/, `code: ${JSON.stringify(source)}\ntests`)

describe('creating a node', () => {
  test('from YAML tries it, keeps it, and counts it', async () => {
    const { status, body } = await post(NODES, SALES_GROWTH)
    expect([status, body.message, body.data]).toMatchObject([
      201,
      'Node created',
      {
        name: 'sales_growth_calculator',
        version: '1.0.0',
        created: true,
        trial: { success: true, exit_code: 0, outputs: { growth_rate: 0.25 }, generated: false },
      },
    ])
    expect(body.data.trial.checks.map((check: Answer) => [check.name, check.passed])).toEqual([
      ['success', true],
      ['time', true],
      ['output', true],
      ['memory', true],
    ])
    expect(await rows('select name, version, status, error_code from node_creations')).toEqual([
      { name: 'sales_growth_calculator', version: '1.0.0', status: 'success', error_code: null },
    ])
    expect(await rows('select node_name, success, inputs from node_trials')).toEqual([
      { node_name: 'sales_growth_calculator', success: true, inputs: { sales_current: 100, sales_previous: 80 } },
    ])
    expect(await rows('select origin, success, exit_code from sandbox_runs')).toEqual([
      { origin: 'test', success: true, exit_code: 0 },
    ])
    expect(await rows('select actor, action, target from audit_log')).toEqual([
      { actor: 'anonymous', action: 'node.created', target: 'sales_growth_calculator@1.0.0' },
    ])
  })

  test('a second time with the same content changes nothing, in whatever notation', async () => {
    const first = await post(NODES, SALES_GROWTH)
    const { data } = await read(`${NODES}/sales_growth_calculator`)
    const again = await post(NODES, JSON.stringify({ definition: data.definition }), {
      'content-type': 'application/json',
    })
    expect([again.status, again.body.data.created]).toEqual([200, false])
    expect(again.body.data.content_hash).toBe(first.body.data.content_hash)
    expect(await rows('select count(*)::int as n from node_creations')).toEqual([{ n: 1 }])
  })

  test('refuses other content under a version that exists', async () => {
    await post(NODES, SALES_GROWTH)
    const { status, body } = await post(NODES, SALES_GROWTH.replace('计算销售增长率', 'Another text'))
    expect([status, body.code, body.hint]).toEqual([
      409,
      'node_version_taken',
      'Versions never change: raise the version, for example to 1.0.1',
    ])
  })

  test('of many at once with different contents lets exactly one have the version', async () => {
    const texts = Array.from({ length: 6 }, (_, i) => SALES_GROWTH.replace('计算销售增长率', `Text ${i}`))
    const statuses = (await Promise.all(texts.map((text) => post(NODES, text)))).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([201, 409, 409, 409, 409, 409])
  })

  test('refuses a bad definition with every mistake, and counts the failure', async () => {
    const { status, body } = await post(NODES, `${SALES_GROWTH.replace(': code', ': cod')}sandbox: 3\n`)
    expect([status, body.code]).toEqual([422, 'invalid_node'])
    expect(body.errors).toMatchObject([
      { code: 'unknown_executor', path: 'executor_type', line: 3, nearest: 'code' },
      { code: 'wrong_type', path: 'sandbox', line: 20 },
    ])
    expect(await rows('select status, error_code from node_creations')).toEqual([
      { status: 'failure', error_code: 'invalid_node' },
    ])
    expect(await rows('select 1 as n from node_definitions')).toEqual([])
  })

  test.each([
    ['throws', 'function main() { throw new Error("no") }', 'sandbox_error'],
    ['never ends', 'function main() { for (;;) {} }', 'sandbox_timeout'],
    ['answers something else', 'function main() { return { growth_rate: "high" } }', 'output_mismatch'],
    ['miscalculates', 'function main() { return { growth_rate: 0.3 } }', 'output_mismatch'],
  ])('refuses code that %s, and records the trial', async (_, source, problem) => {
    const limits = 'limits: { timeout_seconds: 0.2 }\n'
    const { status, body } = await post(NODES, code(source) + limits)
    expect([status, body.code]).toEqual([422, problem])
    expect(await rows('select success from node_trials')).toEqual([{ success: false }])
    expect(await rows('select error_code from node_creations')).toEqual([{ error_code: problem }])
  })

  test('is refused while the switch is off, and works again when it is on', async () => {
    const patch = (body: Record<string, unknown>) => kit.send('PATCH', '/api/v1/ops/settings', { body })
    expect((await read('/api/v1/ops/settings')).data).toEqual({ dynamic_node_creation_enabled: true })
    const off = await patch({ dynamic_node_creation_enabled: false, reason: 'an incident' })
    expect((await off.json()) as Answer).toMatchObject({ data: { dynamic_node_creation_enabled: false } })
    const { status, body } = await post(NODES, SALES_GROWTH)
    expect([status, body.code]).toEqual([423, 'dynamic_nodes_disabled'])
    await patch({ dynamic_node_creation_enabled: true })
    expect((await post(NODES, SALES_GROWTH)).status).toBe(201)
    const [log] = await rows(`select action, target, reason, before, after from audit_log order by id limit 1`)
    expect(log).toEqual({
      action: 'settings.changed',
      target: 'dynamic_node_creation_enabled',
      reason: 'an incident',
      before: true,
      after: false,
    })
  })
})

describe('checking a definition', () => {
  test('answers its canonical form and keeps nothing', async () => {
    const { status, body } = await post(`${NODES}/validate`, SALES_GROWTH)
    expect([status, body.data]).toMatchObject([200, { valid: true, findings: [], definition: { sandbox: true } }])
    expect(await rows('select 1 as n from node_definitions')).toEqual([])
  })

  test('answers what is wrong as an answer, in Chinese by default', async () => {
    const { status, body } = await post(`${NODES}/validate`, `${SALES_GROWTH}sandbox: false\n`, {
      'content-type': 'application/yaml',
    })
    expect([status, body.message, body.data]).toMatchObject([
      200,
      '节点定义无效',
      { valid: false, definition: null, findings: [{ code: 'sandbox_off', path: 'sandbox', line: 20 }] },
    ])
  })

  test.each([
    ['in a block, at its own line', SALES_GROWTH.replace('    return {', '    retrun {'), 15, 12],
    ['in quotation marks, at the line of the field', code('function main( {'), 13, 1],
  ])('finds what is no JavaScript %s, without running anything', async (_, text, line, column) => {
    const { body } = await post(`${NODES}/validate`, text)
    expect(body.data.findings[0]).toMatchObject({ code: 'code_syntax', path: 'code', line, column })
    expect((await post(NODES, text)).body).toMatchObject({ status: 422, code: 'invalid_node' })
  })

  test('takes no body of ten megabytes', async () => {
    const { status, body } = await post(`${NODES}/validate`, `name: ${'x'.repeat(10_000_000)}`)
    expect([status, body.code]).toEqual([413, 'payload_too_large'])
  })
})

describe('a trial', () => {
  test('of a definition on given inputs keeps neither of them', async () => {
    const { status, body } = await post(
      `${NODES}/trial`,
      JSON.stringify({ definition: SALES_GROWTH, inputs: { sales_current: 90, sales_previous: 100 } }),
      { 'content-type': 'application/json' },
    )
    expect([status, body.data]).toMatchObject([
      200,
      { success: true, outputs: { growth_rate: -0.1 }, exit_code: 0, error: null, tests: [{ success: true }] },
    ])
    expect(await rows('select 1 as n from node_definitions union all select 1 from node_trials')).toEqual([])
  })

  test('tells what failed, where, and which of the four checks that breaks', async () => {
    const { body } = await post(`${NODES}/trial`, code('function main() { throw new Error("no") }'))
    expect(body.data).toMatchObject({ success: false, error: { code: 'sandbox_error' }, outputs: null })
    expect(body.data.exit_code).not.toBe(0)
    expect(body.data.checks.filter((check: Answer) => !check.passed).map((check: Answer) => check.name)).toEqual([
      'success',
      'output',
    ])
  })

  test('without tests makes its inputs up', async () => {
    const { body } = await post(`${NODES}/trial`, SALES_GROWTH.replace(/tests:[\s\S]*/, ''))
    expect(body.data).toMatchObject({
      success: true,
      generated: true,
      inputs: { sales_current: 100, sales_previous: 80 },
      outputs: { growth_rate: 0.25 },
    })
  })

  test('of a kept node takes new inputs and is recorded', async () => {
    await post(NODES, SALES_GROWTH)
    const { body } = await post(
      `${NODES}/sales_growth_calculator/trial`,
      JSON.stringify({ inputs: { sales_current: 50, sales_previous: 100 } }),
      { 'content-type': 'application/json' },
    )
    expect(body.data).toMatchObject({ success: true, outputs: { growth_rate: -0.5 } })
    expect(await rows('select count(*)::int as n from node_trials')).toEqual([{ n: 2 }])
  })

  test('on inputs of the wrong type says which', async () => {
    const { body } = await post(
      `${NODES}/trial`,
      JSON.stringify({ definition: SALES_GROWTH, inputs: { sales_current: '90' } }),
      { 'content-type': 'application/json', 'accept-language': 'en' },
    )
    expect(body.data.error).toMatchObject({
      code: 'invalid_inputs',
      findings: [
        { path: 'inputs.sales_current', message: 'This must be a number, not a text' },
        { path: 'inputs.sales_previous', code: 'missing_input' },
      ],
    })
  })

  test('of a node for a model that nobody has configured says so', async () => {
    const text =
      'name: sum_up\nversion: 1.0.0\nexecutor_type: llm\nprompt: "Sum up {{ text }}"\ninputs: { text: string }\noutputs: { summary: string }\n'
    expect((await post(`${NODES}/trial`, text)).body.data).toMatchObject({
      success: false,
      error: { code: 'llm_missing' },
    })
    expect((await post(NODES, text)).body).toMatchObject({ status: 422, code: 'llm_missing' })
  })

  test('of a node that stands for a step checks its definition alone', async () => {
    const text = 'name: load\nversion: 1.0.0\nexecutor_type: step\nstep: training_load\n'
    expect((await post(NODES, text)).status).toBe(201)
  })
})

describe('kept nodes', () => {
  test('are listed in their newest version, by cursor, type and text', async () => {
    for (const version of ['1.9.0', '1.10.0', '1.10.0-beta']) {
      await post(NODES, SALES_GROWTH.replace('1.0.0', version))
    }
    await post(NODES, SALES_GROWTH.replace('sales_growth_calculator', 'another').replace('计算销售增长率', '100% sure'))
    const first = await read(`${NODES}?limit=1`)
    expect(first.data.nodes).toMatchObject([{ name: 'another' }])
    const rest = await read(`${NODES}?limit=1&cursor=${first.data.next_cursor}`)
    expect(rest.data).toMatchObject({
      nodes: [{ name: 'sales_growth_calculator', version: '1.10.0' }],
      next_cursor: null,
    })
    expect((await read(`${NODES}?q=${encodeURIComponent('销售')}`)).data.nodes).toHaveLength(1)
    expect((await read(`${NODES}?q=${encodeURIComponent('0%')}`)).data.nodes).toHaveLength(1)
    expect((await read(`${NODES}?executor_type=sql`)).data.nodes).toEqual([])
  })

  test('are read with all their versions', async () => {
    await post(NODES, SALES_GROWTH)
    await post(NODES, SALES_GROWTH.replace('1.0.0', '2.0.0'))
    const newest = await read(`${NODES}/sales_growth_calculator`)
    expect(newest.data.version).toBe('2.0.0')
    expect(newest.data.versions.map((each: Answer) => each.version)).toEqual(['2.0.0', '1.0.0'])
    expect((await read(`${NODES}/sales_growth_calculator?version=1.0.0`)).data.version).toBe('1.0.0')
  })

  test('that are deleted can not be found, and come back with the same content alone', async () => {
    await post(NODES, SALES_GROWTH)
    expect((await kit.send('DELETE', `${NODES}/sales_growth_calculator`)).status).toBe(200)
    expect(await read(`${NODES}/sales_growth_calculator`)).toMatchObject({ status: 404, code: 'node_not_found' })
    expect((await kit.send('DELETE', `${NODES}/sales_growth_calculator`)).status).toBe(404)
    expect((await post(NODES, SALES_GROWTH.replace('计算销售增长率', 'Another text'))).status).toBe(409)
    expect((await post(NODES, SALES_GROWTH)).status).toBeLessThan(300)
    expect((await read(`${NODES}/sales_growth_calculator`)).data.version).toBe('1.0.0')
  })

  test('that a workflow uses are deleted only by force, and stay what they are for it', async () => {
    await post(NODES, SALES_GROWTH)
    const nodes = [{ name: 'growth', node: 'sales_growth_calculator', inputs: { sales_current: 1, sales_previous: 1 } }]
    const workflow = { id: 'sales', name: 'Sales', definition: { inputs: [], nodes } }
    expect((await kit.send('POST', '/api/v1/workflows', { body: workflow })).status).toBe(201)
    const refused = await kit.send('DELETE', `${NODES}/sales_growth_calculator`)
    expect([refused.status, (await refused.json()) as Answer]).toMatchObject([409, { code: 'node_in_use' }])
    expect((await kit.send('DELETE', `${NODES}/sales_growth_calculator?force=true`)).status).toBe(200)
    expect(await loadNode(kit.platform.store, 'sales_growth_calculator', '1.0.0')).toMatchObject({ version: '1.0.0' })
  })

  test('that are nearly named are suggested', async () => {
    await post(NODES, SALES_GROWTH)
    expect(await read(`${NODES}/sales_grwoth_calculator`)).toMatchObject({
      code: 'node_not_found',
      hint: 'Did you mean "sales_growth_calculator"?',
    })
  })
})
