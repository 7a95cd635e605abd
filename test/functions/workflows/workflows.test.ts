import { describe, expect, test } from 'vitest'
import { functionKit } from '../../support/function-kit.ts'
import { insertNode, nodeDefinition } from '../../support/node-factory.ts'

const kit = functionKit()
const WORKFLOWS = '/api/v1/workflows'
const EN = { 'Accept-Language': 'en' }

interface View {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly etag: string
  readonly definition: { readonly nodes: readonly Record<string, unknown>[] }
  readonly frozen_nodes: readonly Record<string, string>[]
  readonly warnings: readonly { readonly code: string }[]
}

async function create(body: unknown, headers: Record<string, string> = {}) {
  const answer = await kit.send('POST', WORKFLOWS, { body, headers: { ...EN, ...headers } })
  return { answer, body: (await answer.json()) as { data: View } & Record<string, unknown> }
}

async function read(id: string): Promise<View> {
  return (await kit.read<{ data: View }>(`${WORKFLOWS}/${id}`)).data
}

async function put(id: string, body: unknown, headers: Record<string, string>) {
  return await kit.send('PUT', `${WORKFLOWS}/${id}`, { body, headers: { ...EN, ...headers } })
}

const KEEP = nodeDefinition('keep_hard', ['pairs: list<object>'], ['pairs: list<object>'])
const LABEL = nodeDefinition('label', ['text: string'], ['text: string'])

describe('creating a workflow', () => {
  test('keeps it with its nodes frozen at the newest version, and answers where it is', async () => {
    await insertNode(kit.platform.store, LABEL)
    const hash = await insertNode(kit.platform.store, { ...LABEL, version: '1.10.0' })
    await insertNode(kit.platform.store, { ...LABEL, version: '1.9.0' })
    const nodes = [{ name: 'a', node: 'label', inputs: { text: '{{ inputs.who }}' } }]
    const { answer, body } = await create({ name: 'Greeting', inputs: { who: 'string' }, nodes })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('location')).toBe('/api/v1/workflows/greeting')
    expect(answer.headers.get('etag')).toBe(body.data.etag)
    expect(body.data).toMatchObject({
      id: 'greeting',
      version: 1,
      built_in: false,
      definition: { nodes: [{ name: 'a', node: 'label', version: '1.10.0' }] },
      frozen_nodes: [{ name: 'label', version: '1.10.0', content_hash: hash }],
      created_by: 'anonymous',
      created_at: '2025-06-27T14:30:52',
    })
    expect(await read('greeting')).toEqual(body.data)
  })

  test('takes YAML, an id of its own, and tells what is doubtful', async () => {
    const definition = 'inputs:\n  spare: string\nnodes:\n  - name: ddl\n    node: ddl_generation\n'
    const { answer, body } = await create({ id: 'my-flow', definition })
    expect(answer.status).toBe(201)
    expect(body.data).toMatchObject({ id: 'my-flow', name: 'my-flow' })
    expect(body.data.warnings).toMatchObject([{ code: 'unused_input', path: 'inputs.spare', line: 2 }])
  })

  test('copies the built-in pipeline, into which a filter can then be put', async () => {
    await insertNode(kit.platform.store, KEEP)
    const { body } = await create({ id: 'filtered', copy_of: 'data_pipeline' })
    const nodes = body.data.definition.nodes.map((node) =>
      node.name === 'sql_validation' ? { ...node, inputs: { pairs: '{{ nodes.filter.outputs.pairs }}' } } : node,
    )
    const filter = { name: 'filter', node: 'keep_hard', inputs: { pairs: '{{ nodes.qa_generation.outputs.pairs }}' } }
    const answer = await put('filtered', { nodes: [...nodes, filter] }, { 'If-Match': body.data.etag })
    expect(answer.status).toBe(200)
    const graph = await kit.read<{ data: { order: string[] } }>(`${WORKFLOWS}/filtered/graph`)
    expect(graph.data.order).toEqual(['ddl_generation', 'qa_generation', 'filter', 'sql_validation', 'training_load'])
  })

  test('is refused with everything that is wrong, by path', async () => {
    await insertNode(kit.platform.store, LABEL)
    const nodes = [
      { name: 'a', node: 'label', inputs: { text: '{{ nodes.b.outputs.text }}' } },
      { name: 'b', node: 'label', inputs: { text: '{{ nodes.a.outputs.txet }}' } },
      { name: 'c', node: 'labl', inputs: {} },
    ]
    const { answer, body } = await create({ nodes })
    expect(answer.status).toBe(422)
    expect(body).toMatchObject({ code: 'workflow_cycle', detail: expect.stringContaining('a → b → a') })
    expect(body.errors).toMatchObject([
      { code: 'workflow_cycle', path: 'nodes.a.inputs.text' },
      { code: 'unknown_node', path: 'nodes.c.node', severity: 'error', nearest: 'label' },
      { code: 'unresolved_reference', path: 'nodes.b.inputs.text', nearest: 'text' },
    ])
    expect((await kit.platform.store.query('select from workflows')).rowCount).toBe(0)
  })

  test.each([
    [{}, 400, 'invalid_request'],
    [{ nodes: 'none' }, 422, 'invalid_workflow'],
    [{ nodes: [] }, 422, 'invalid_workflow'],
    [{ nodes: [{ name: 'a', node: 'ddl_generation' }], colour: 'red' }, 400, 'invalid_request'],
    [{ id: '../x', nodes: [] }, 400, 'invalid_request'],
    [{ id: 'data_pipeline', copy_of: 'data_pipeline' }, 409, 'workflow_exists'],
    [{ copy_of: 'nobody' }, 404, 'workflow_not_found'],
    [{ definition: 'nodes: [' }, 422, 'invalid_workflow'],
    [{ definition: 'a: &a [*a]' }, 422, 'invalid_workflow'],
    [{ nodes: [{ name: 'a', node: 'training_load', inputs: { pairs: 'text' } }] }, 422, 'type_mismatch'],
    [{ nodes: [{ name: 'a', node: 'training_load', needs: ['b'] }] }, 422, 'unresolved_reference'],
  ])('of %j is refused with %i', async (body, status, code) => {
    const { answer, body: told } = await create(body)
    expect([answer.status, told.code]).toEqual([status, code])
  })

  test('twice with one key makes one, and twice under one id is refused', async () => {
    const body = { id: 'one', copy_of: 'data_pipeline' }
    const first = await create(body, { 'Idempotency-Key': 'k1' })
    const again = await create(body, { 'Idempotency-Key': 'k1' })
    expect(again.body).toEqual(first.body)
    expect(again.answer.headers.get('idempotent-replayed')).toBe('true')
    expect((await create(body)).body).toMatchObject({ code: 'workflow_exists' })
    expect((await create({ ...body, id: 'two' }, { 'Idempotency-Key': 'k1' })).answer.status).toBe(409)
  })

  test('under a name that is taken finds another id', async () => {
    await create({ name: 'Same', copy_of: 'data_pipeline' })
    const { body } = await create({ name: 'Same', copy_of: 'data_pipeline' })
    expect(body.data.id).toMatch(/^same_[0-9a-z]{8}$/)
  })
})

describe('reading workflows', () => {
  test('gives a definition with its keys in the order in which people write them', async () => {
    const node = { needs: [], node: 'ddl_generation', when: 'true', name: 'a' }
    const { body } = await create({ nodes: [node], outputs: {}, inputs: { x: 'any' }, name: 'Ordered' })
    expect(Object.keys(body.data.definition)).toEqual(['name', 'inputs', 'nodes', 'outputs'])
    expect(Object.keys(body.data.definition.nodes[0] ?? {})).toEqual(['name', 'node', 'when'])
  })

  test('lists the built-in one and then the newest, page by page', async () => {
    for (const id of ['w-a', 'w-b', 'w-c']) {
      await create({ id, copy_of: 'data_pipeline' })
      await kit.platform.clock.advance(1000)
    }
    const seen: string[] = []
    let cursor: string | null = ''
    for (let page = 0; cursor !== null && page < 9; page++) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`
      const { data } = await kit.read<{ data: { workflows: View[]; next_cursor: string | null } }>(
        `${WORKFLOWS}?limit=1${query}`,
      )
      seen.push(...data.workflows.map(({ id }) => id))
      cursor = data.next_cursor
    }
    expect(seen).toEqual(['data_pipeline', 'w-c', 'w-b', 'w-a'])
    const found = await kit.read<{ data: { workflows: View[] } }>(`${WORKFLOWS}?q=W-B`)
    expect(found.data.workflows.map(({ id }) => id)).toEqual(['w-b'])
  })

  test('answers 304 to whoever knows the version, and finds past versions', async () => {
    const { body } = await create({ id: 'w', copy_of: 'data_pipeline' })
    const known = { 'If-None-Match': body.data.etag }
    expect((await kit.send('GET', `${WORKFLOWS}/w`, { headers: known })).status).toBe(304)
    await put(
      'w',
      { copy_of: undefined, nodes: body.data.definition.nodes.slice(0, 2) },
      { 'If-Match': body.data.etag },
    )
    expect((await kit.send('GET', `${WORKFLOWS}/w`, { headers: known })).status).toBe(200)
    expect((await kit.read<{ data: View }>(`${WORKFLOWS}/w?version=1`)).data.definition).toEqual(body.data.definition)
    expect((await kit.send('GET', `${WORKFLOWS}/w?version=3`)).status).toBe(404)
    expect((await kit.send('GET', `${WORKFLOWS}/nobody`)).status).toBe(404)
  })

  test('gives the graph as JSON, as Mermaid and as a drawing', async () => {
    const { data } = await kit.read<{ data: Record<string, unknown[]> }>(`${WORKFLOWS}/data_pipeline/graph`)
    expect(data.edges).toContainEqual({
      source: 'qa_generation',
      target: 'sql_validation',
      via: ['reference'],
      paths: ['nodes.sql_validation.inputs.pairs'],
    })
    const text = await kit.send('GET', `${WORKFLOWS}/data_pipeline/graph?format=text`)
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await text.text()).toMatch(/^● {2}ddl_generation\n│\n/)
    const headers = { Accept: 'text/vnd.mermaid' }
    const mermaid = await kit.send('GET', `${WORKFLOWS}/data_pipeline/graph`, { headers })
    expect(await mermaid.text()).toMatch(/^flowchart TD\n/)
  })
})

describe('changing a workflow', () => {
  const nodes = [{ name: 'ddl', node: 'ddl_generation' }]

  test('is refused when it was made on another version than the present one', async () => {
    const { body } = await create({ id: 'w', nodes })
    const more = [...nodes, { name: 'qa', node: 'qa_generation', needs: ['ddl'] }]
    const stale = await put('w', { nodes: more }, { 'If-Match': '"9-abc"' })
    expect([stale.status, ((await stale.json()) as { code: string }).code]).toEqual([412, 'workflow_changed'])
    const good = await put('w', { nodes: more, reason: 'pairs' }, { 'If-Match': body.data.etag })
    expect(good.status).toBe(200)
    expect((await put('w', { nodes }, { 'If-Match': body.data.etag })).status).toBe(412)
    expect((await put('w', { nodes }, { 'If-Match': `"x", ${good.headers.get('etag')}` })).status).toBe(200)
    expect(await read('w')).toMatchObject({ version: 3 })
  })

  test('that does not say what it was made on replaces whatever is there, which a snapshot keeps', async () => {
    await create({ id: 'w', nodes })
    const more = [...nodes, { name: 'qa', node: 'qa_generation', needs: ['ddl'] }]
    expect((await put('w', { nodes: more }, {})).status).toBe(200)
    const { snapshots } = (await kit.read<{ data: { snapshots: { version: number }[] } }>(`${WORKFLOWS}/w/snapshots`))
      .data
    expect(snapshots.map(({ version }) => version)).toEqual([1])
  })

  test('takes a snapshot before it, with its reason, and is noted in the audit log', async () => {
    const { body } = await create({ id: 'w', nodes })
    await put('w', { nodes: [{ name: 'x', node: 'ddl_generation' }], reason: '改名' }, { 'If-Match': body.data.etag })
    const { data } = await kit.read<{ data: { snapshots: unknown[] } }>(`${WORKFLOWS}/w/snapshots`)
    expect(data.snapshots).toMatchObject([{ workflow_id: 'w', version: 1, reason: '改名', nodes: 1 }])
    const { rows } = await kit.platform.store.query('select action, target, reason from audit_log order by id')
    expect(rows).toEqual([
      { action: 'workflow.created', target: 'workflow/w', reason: null },
      { action: 'workflow.changed', target: 'workflow/w', reason: '改名' },
    ])
  })

  test('to what it says already changes nothing', async () => {
    const { body } = await create({ id: 'w', nodes })
    const same = await put('w', body.data.definition, { 'If-Match': body.data.etag })
    expect(await same.json()).toMatchObject({ message: 'The workflow says the same already', data: { version: 1 } })
  })

  test('of the built-in one, or one that there is not, is refused', async () => {
    expect((await put('data_pipeline', { nodes }, { 'If-Match': '*' })).status).toBe(409)
    expect((await put('nobody', { nodes }, { 'If-Match': '*' })).status).toBe(404)
  })

  test('keeps a node that was disabled since, and takes no new one', async () => {
    await insertNode(kit.platform.store, LABEL)
    const label = { name: 'l', node: 'label', version: '1.0.0', inputs: { text: 'a' } }
    const { body } = await create({ id: 'w', nodes: [label] })
    await kit.platform.store.query('update node_definitions set enabled = false')
    const changed = await put('w', { nodes: [{ ...label, inputs: { text: 'b' } }] }, { 'If-Match': body.data.etag })
    expect(await changed.json()).toMatchObject({ data: { warnings: [{ code: 'node_disabled' }] } })
    expect((await create({ nodes: [label] })).body).toMatchObject({ errors: [{ code: 'node_disabled' }] })
  })

  test('by twenty callers at once on one version succeeds for one, and each later one builds on it', async () => {
    const { body } = await create({ id: 'w', nodes })
    const change = (at: number, etag: string) =>
      put('w', { nodes: [...nodes, { name: `n${at}`, node: 'qa_generation' }] }, { 'If-Match': etag })
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => change(at, body.data.etag)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 19 }, () => 412)])
    // Whoever reads again and tries again gets through: no change is lost.
    await Promise.all(
      Array.from({ length: 5 }, async (_, at) => {
        for (;;) {
          const now = await read('w')
          const node = { name: `again${at}`, node: 'qa_generation' }
          const answer = await put('w', { nodes: [...now.definition.nodes, node] }, { 'If-Match': now.etag })
          if (answer.status === 200) return
        }
      }),
    )
    const names = (await read('w')).definition.nodes.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['again0', 'again1', 'again2', 'again3', 'again4']))
    expect(await read('w')).toMatchObject({ version: 7 })
  })
})

describe('validating a workflow', () => {
  test('tells what is wrong with it, or with what it would become, and stores nothing', async () => {
    await create({ id: 'w', copy_of: 'data_pipeline' })
    const good = await kit.send('POST', `${WORKFLOWS}/w/validate`)
    expect(await good.json()).toMatchObject({
      data: { valid: true, findings: [], levels: [['ddl_generation'], [], [], []].map(() => expect.anything()) },
    })
    const nodes = [{ name: 'a', node: 'ddl_generation', needs: ['a'] }]
    const bad = await kit.send('POST', `${WORKFLOWS}/w/validate`, { body: { nodes }, headers: EN })
    expect(bad.status).toBe(200)
    expect(await bad.json()).toMatchObject({
      data: { valid: false, order: null, findings: [{ code: 'workflow_cycle', path: 'nodes.a.needs[0]' }] },
    })
    expect(await read('w')).toMatchObject({ version: 1 })
  })
})
