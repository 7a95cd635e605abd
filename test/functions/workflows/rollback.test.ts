import { describe, expect, test } from 'vitest'
import {
  rollBackAfterFailure,
  rollBackWorkflowsUsing,
} from '../../../shared/workflow/snapshots/roll-back-after-failure.ts'
import { functionKit } from '../../support/function-kit.ts'
import { insertNode, nodeDefinition } from '../../support/node-factory.ts'

const kit = functionKit()
const WORKFLOWS = '/api/v1/workflows'
const LABEL = nodeDefinition('label', ['text: string'], ['text: string'])

interface View {
  readonly version: number
  readonly etag: string
  readonly definition: unknown
}

const named = (...names: string[]) => names.map((name) => ({ name, node: 'ddl_generation' }))

async function post(path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await kit.send('POST', `${WORKFLOWS}${path}`, {
    body,
    headers: { 'Accept-Language': 'en', ...headers },
  })
  return {
    status: answer.status,
    body: (await answer.json()) as Record<string, unknown> & { data: Record<string, unknown> },
  }
}

async function read(id: string): Promise<View> {
  return (await kit.read<{ data: View }>(`${WORKFLOWS}/${id}`)).data
}

async function change(id: string, nodes: readonly unknown[], reason?: string): Promise<View> {
  const { etag } = await read(id)
  const answer = await kit.send('PUT', `${WORKFLOWS}/${id}`, { body: { nodes, reason }, headers: { 'If-Match': etag } })
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { data: View }).data
}

/** A workflow of several versions: `one`, `two`, … in each one node of that name. */
async function versions(id: string, ...names: string[]): Promise<unknown[]> {
  const [first = 'one', ...rest] = names
  await post('', { id, nodes: named(first) })
  const definitions = [(await read(id)).definition]
  for (const name of rest) definitions.push((await change(id, named(name))).definition)
  return definitions
}

describe('rolling back a workflow', () => {
  test('undoes the last change, exactly, and records its four checks', async () => {
    const [one] = await versions('w', 'one', 'two')
    const { status, body } = await post('/w/rollback', { reason: 'wrong node' })
    expect(status).toBe(200)
    expect(body.data).toMatchObject({
      workflow_id: 'w',
      from_version: 2,
      to_version: 3,
      restored_version: 1,
      changed: true,
      cause: 'manual',
      reason: 'wrong node',
      checks: { snapshot_exists: true, state_restored: true, edges_clean: true, recorded: true },
    })
    expect((await read('w')).definition).toEqual(one)
    const { rows } = await kit.platform.store.query(
      'select from_version, to_version, cause, checks from workflow_rollbacks',
    )
    expect(rows).toEqual([
      { from_version: 2, to_version: 3, cause: 'manual', checks: (body.data as { checks: unknown }).checks },
    ])
    const { rows: noted } = await kit.platform.store.query(
      "select reason from audit_log where action = 'workflow.rolled_back'",
    )
    expect(noted).toEqual([{ reason: 'wrong node' }])
  })

  test('again and again undoes one change after the other, and then stays where it began', async () => {
    const [one, two] = await versions('w', 'one', 'two', 'three')
    await post('/w/rollback')
    expect((await read('w')).definition).toEqual(two)
    await post('/w/rollback', {})
    expect((await read('w')).definition).toEqual(one)
    const last = await post('/w/rollback', {})
    expect(last.body.data).toMatchObject({ changed: false, checks: { state_restored: true } })
    expect((await read('w')).definition).toEqual(one)
  })

  test('after a rollback and a change undoes that change', async () => {
    const [one, two] = await versions('w', 'one', 'two', 'three')
    await post('/w/rollback')
    await change('w', named('four'))
    await post('/w/rollback')
    expect((await read('w')).definition).toEqual(two)
    await post('/w/rollback')
    expect((await read('w')).definition).toEqual(one)
  })

  test('goes to any snapshot, also to what was before a rollback', async () => {
    const [, , three] = await versions('w', 'one', 'two', 'three')
    const { body } = await post('/w/snapshots', { reason: 'good' })
    await change('w', named('four'))
    await post('/w/rollback', { snapshot_id: body.data.id })
    expect((await read('w')).definition).toEqual(three)
    const { data } = await kit.read<{ data: { snapshots: { id: number; reason: string }[] } }>(
      `${WORKFLOWS}/w/snapshots`,
    )
    const before = data.snapshots[0]
    expect(before?.reason).toBe(`Before the rollback to snapshot ${body.data.id} (version 3)`)
    await post('/w/rollback', { snapshot_id: before?.id })
    expect((await read('w')).definition).toMatchObject({ nodes: [{ name: 'four' }] })
  })

  test('is refused without a snapshot, for one of another workflow, for the built-in one, and on another version', async () => {
    await versions('w', 'one')
    expect((await post('/w/rollback')).body).toMatchObject({ status: 409, code: 'nothing_to_roll_back' })
    await versions('v', 'one', 'two')
    const { data } = await kit.read<{ data: { snapshots: { id: number }[] } }>(`${WORKFLOWS}/v/snapshots`)
    expect((await post('/w/rollback', { snapshot_id: data.snapshots[0]?.id })).body).toMatchObject({
      code: 'snapshot_not_found',
    })
    expect((await post('/data_pipeline/rollback')).body).toMatchObject({ code: 'workflow_read_only' })
    expect((await post('/nobody/rollback')).status).toBe(404)
    expect((await post('/v/rollback', {}, { 'If-Match': '"1-x"' })).status).toBe(412)
    expect((await post('/v/rollback', { snapshot: 1 })).status).toBe(400)
  })

  test('with one key happens once', async () => {
    const [, two] = await versions('w', 'one', 'two', 'three')
    const first = await post('/w/rollback', {}, { 'Idempotency-Key': 'r1' })
    expect(await post('/w/rollback', {}, { 'Idempotency-Key': 'r1' })).toEqual(first)
    expect((await read('w')).definition).toEqual(two)
  })

  test('by several callers at once undoes as many changes, none twice', async () => {
    await versions('w', 'one', 'two', 'three', 'four', 'five')
    const answers = await Promise.all(Array.from({ length: 4 }, () => post('/w/rollback')))
    expect(answers.map(({ body }) => body.data.restored_version).toSorted()).toEqual([1, 2, 3, 4])
    expect((await read('w')).definition).toMatchObject({ nodes: [{ name: 'one' }] })
  })

  test('takes out nodes that are gone, with their edges, and joins what was around them', async () => {
    const { store } = kit.platform
    await insertNode(store, nodeDefinition('keep', ['pairs: list<object>'], ['pairs: list<object>']))
    const pairs = (name: string) => `{{ nodes.${name}.outputs.pairs }}`
    const nodes = [
      { name: 'qa', node: 'qa_generation' },
      { name: 'filter', node: 'keep', inputs: { pairs: pairs('qa') } },
      { name: 'again', node: 'keep', inputs: { pairs: pairs('filter') } },
      { name: 'check', node: 'sql_validation', inputs: { pairs: pairs('again') } },
    ]
    await post('', { id: 'w', nodes, edges: [{ source: 'qa', target: 'again' }], outputs: { all: pairs('again') } })
    await change('w', named('one'))
    await store.query('update node_definitions set enabled = false')
    const { body } = await post('/w/rollback', { remove_invalid_nodes: true })
    expect(body.data).toMatchObject({
      removed_nodes: [
        { name: 'filter', reason: 'node_disabled' },
        { name: 'again', reason: 'node_disabled' },
      ],
      checks: { edges_clean: true, state_restored: true },
    })
    expect((await read('w')).definition).toEqual({
      inputs: [],
      nodes: [
        { name: 'qa', node: 'qa_generation' },
        { name: 'check', node: 'sql_validation', inputs: {}, needs: ['qa'] },
      ],
      outputs: {},
    })
  })
})

describe('rolling back all changes since a time', () => {
  test('restores what each workflow was then, and says which it could not', async () => {
    const { clock } = kit.platform
    const [, aTwo] = await versions('a', 'one', 'two')
    const [bOne] = await versions('b', 'one')
    await versions('c', 'one')
    await clock.advance(3_600_000)
    const since = clock.now().toISOString()
    await clock.advance(60_000)
    await change('a', named('three'))
    await change('a', named('four'))
    await change('b', named('five'))
    await versions('d', 'one')
    const { body } = await post('/rollback', { since, reason: 'a bad hour' })
    expect(body.data).toMatchObject({
      rolled_back: [
        { workflow_id: 'a', restored_version: 2, cause: 'batch', reason: 'a bad hour' },
        { workflow_id: 'b', restored_version: 1 },
      ],
      skipped: [{ workflow_id: 'd', reason: 'created_since' }],
      more: false,
    })
    expect([(await read('a')).definition, (await read('b')).definition]).toEqual([aTwo, bOne])
    const again = await post('/rollback', { since })
    expect(again.body.data).toMatchObject({ rolled_back: [], more: false })
    expect((await post('/rollback', {})).status).toBe(400)
    expect((await post('/rollback', { since: 'yesterday' })).status).toBe(400)
  })
})

describe('after a failure', () => {
  test('of its first run a changed version is rolled back, once, and only while it is the present one', async () => {
    const [one, two] = await versions('w', 'one', 'two')
    const done = await rollBackAfterFailure(kit.platform, 'w', 2, 'run_failed', {
      reason: 'sandbox_timeout in two',
      language: 'en',
    })
    expect(done).toMatchObject({
      kind: 'rolled-back',
      rollback: { cause: 'run_failed', fromVersion: 2, restoredVersion: 1 },
    })
    expect((await read('w')).definition).toEqual(one)
    expect(await rollBackAfterFailure(kit.platform, 'w', 2, 'run_failed', { reason: 'again', language: 'en' })).toEqual(
      {
        kind: 'left',
        why: 'superseded',
      },
    )
    expect(
      await rollBackAfterFailure(kit.platform, 'w', 3, 'run_failed', { reason: 'restored fails', language: 'en' }),
    ).toEqual({
      kind: 'left',
      why: 'restored',
    })
    await versions('v', 'one')
    expect(await rollBackAfterFailure(kit.platform, 'v', 1, 'run_failed', { reason: 'x', language: 'en' })).toEqual({
      kind: 'left',
      why: 'first-version',
    })
    expect(
      await rollBackAfterFailure(kit.platform, 'data_pipeline', 1, 'run_failed', { reason: 'x', language: 'en' }),
    ).toEqual({
      kind: 'left',
      why: 'not-found',
    })
    expect(two).toMatchObject({ nodes: [{ name: 'two' }] })
  })

  test('of a node every workflow whose present version brought it in goes back', async () => {
    await insertNode(kit.platform.store, LABEL)
    const label = { name: 'l', node: 'label', inputs: { text: 'x' } }
    await versions('with', 'one')
    await change('with', [label])
    await versions('before', 'one')
    await change('before', [label])
    await change('before', [label, ...named('two')])
    const done = await rollBackWorkflowsUsing(kit.platform, LABEL, 'trial_failed', {
      reason: 'its trial failed',
      language: 'en',
    })
    expect(done).toMatchObject([{ workflow: { id: 'with', version: 3 }, cause: 'trial_failed' }])
    expect((await read('with')).definition).toMatchObject({ nodes: [{ name: 'one' }] })
    expect(await read('before')).toMatchObject({ version: 3 })
  })
})

describe('a trial of a node that fails', () => {
  const FAILING = { ...LABEL, code: "function main() { throw new Error('no') }" }

  test('rolls back the workflows that a change has just brought it into, and says so', async () => {
    await insertNode(kit.platform.store, FAILING)
    const [one] = await versions('w', 'one')
    await change('w', [{ name: 'l', node: 'label', inputs: { text: 'x' } }])
    const answer = await kit.send('POST', '/api/v1/nodes/label/trial', { body: { inputs: { text: 'x' } } })
    expect(await answer.json()).toMatchObject({
      data: { success: false, rolled_back: [{ workflow_id: 'w', from_version: 2, to_version: 3 }] },
    })
    expect((await read('w')).definition).toEqual(one)
    const { rows } = await kit.platform.store.query('select cause, reason, checks from workflow_rollbacks')
    expect(rows).toMatchObject([{ cause: 'trial_failed', checks: { state_restored: true } }])
    expect(rows[0]?.reason).toContain('label@1.0.0')
  })

  test('on inputs that do not fit it changes no workflow', async () => {
    await insertNode(kit.platform.store, FAILING)
    await versions('w', 'one')
    await change('w', [{ name: 'l', node: 'label', inputs: { text: 'x' } }])
    const answer = await kit.send('POST', '/api/v1/nodes/label/trial', { body: { inputs: { text: 5 } } })
    expect(await answer.json()).toMatchObject({ data: { success: false, rolled_back: [] } })
    expect(await read('w')).toMatchObject({ version: 2 })
  })
})
