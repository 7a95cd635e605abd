import { describe, expect, test } from 'vitest'
import { cleanSnapshots } from '../../../shared/workflow/snapshots/clean-snapshots.ts'
import { functionKit } from '../../support/function-kit.ts'
import { insertNode, nodeDefinition } from '../../support/node-factory.ts'

const kit = functionKit()
const WORKFLOWS = '/api/v1/workflows'
const TASKS = '/api/v0/data_pipeline/tasks'
const DAY_MS = 24 * 3_600_000
const LABEL = nodeDefinition('label', ['text: string'], ['text: string'])
const GREETING = {
  inputs: { who: 'string' },
  nodes: [{ name: 'a', node: 'label', inputs: { text: '{{ inputs.who }}' } }],
}

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await kit.send(method, path, { body, headers: { 'Accept-Language': 'en', ...headers } })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & { data: never } }
}

async function create(id: string, definition: object = GREETING): Promise<void> {
  await insertNode(kit.platform.store, LABEL).catch(() => null)
  expect((await call('POST', WORKFLOWS, { id, ...definition })).status).toBe(201)
}

async function idsListed(): Promise<string[]> {
  const { data } = await kit.read<{ data: { workflows: { id: string }[] } }>(WORKFLOWS)
  return data.workflows.map(({ id }) => id)
}

async function started(id: string): Promise<string> {
  const { body } = await call('POST', `${WORKFLOWS}/${id}/run`, { inputs: { who: 'you' } })
  return (body.data as { task_id: string }).task_id
}

describe('deleting a workflow', () => {
  test('takes it out of every list, and keeps a snapshot and the reason', async () => {
    await create('greet')
    const { status, body } = await call('DELETE', `${WORKFLOWS}/greet?reason=nobody%20greets`)
    expect([status, body]).toMatchObject([
      200,
      { message: 'Workflow deleted', data: { id: 'greet', version: 1, tasks: 0 } },
    ])
    expect(await idsListed()).toEqual(['data_pipeline'])
    const again = { nodes: GREETING.nodes }
    for (const [method, path, given] of [
      ['GET', '/greet'],
      ['GET', '/greet/graph'],
      ['PUT', '/greet', again],
      ['POST', '/greet/validate', {}],
      ['POST', '/greet/run', { inputs: {} }],
      ['POST', '/greet/run', { inputs: { who: 'you' }, version: 1 }],
      ['POST', '/greet/snapshots', {}],
      ['POST', '', { copy_of: 'greet' }],
      ['DELETE', '/greet'],
    ] as const)
      expect((await call(method, `${WORKFLOWS}${path}`, given)).body.code, `${method} ${path}`).toBe(
        'workflow_not_found',
      )
    const { rows } = await kit.platform.store.query(
      `select a.action, a.reason, s.reason as kept from audit_log a, workflow_snapshots s where a.action = 'workflow.deleted'`,
    )
    expect(rows).toEqual([{ action: 'workflow.deleted', reason: 'nobody greets', kept: 'nobody greets' }])
    expect((await call('DELETE', '/api/v1/nodes/label')).status).toBe(200) // nothing uses it any more
  })

  test('is refused while a task of it has not ended, and without force where it has a history', async () => {
    await create('greet')
    const task = await started('greet')
    const running = await call('DELETE', `${WORKFLOWS}/greet?force=true`)
    expect(running).toMatchObject({
      status: 409,
      body: { code: 'workflow_in_use', hint: expect.stringContaining('Cancel') },
    })
    await call('POST', `${TASKS}/${task}/cancel`)
    const kept = await call('DELETE', `${WORKFLOWS}/greet`)
    expect(kept).toMatchObject({
      status: 409,
      body: { code: 'workflow_in_use', hint: expect.stringContaining('force') },
    })
    expect((await call('DELETE', `${WORKFLOWS}/greet?force=true`)).body.data).toMatchObject({ tasks: 1 })
    // What the task ran can still be looked at.
    expect((await call('GET', `${WORKFLOWS}/greet?version=1`)).body.data).toMatchObject({ id: 'greet', version: 1 })
    expect((await call('GET', `${TASKS}/${task}`)).status).toBe(200)
  })

  test('is refused of the built-in one, of one that is not there, and of another version than was read', async () => {
    await create('greet')
    const old = '"1-000000000000"'
    expect((await call('DELETE', `${WORKFLOWS}/data_pipeline`)).body.code).toBe('workflow_read_only')
    expect((await call('DELETE', `${WORKFLOWS}/nothing`)).body.code).toBe('workflow_not_found')
    expect((await call('DELETE', `${WORKFLOWS}/greet`, undefined, { 'If-Match': old })).status).toBe(412)
    expect(await idsListed()).toContain('greet')
  })

  test('is undone by a rollback, as a new version with the state that it had', async () => {
    await create('greet')
    await call('PUT', `${WORKFLOWS}/greet`, { ...GREETING, description: 'second' })
    const before = (await call('GET', `${WORKFLOWS}/greet`)).body.data as { definition: unknown }
    await call('DELETE', `${WORKFLOWS}/greet`)
    const { body } = await call('POST', `${WORKFLOWS}/greet/rollback`, {})
    expect(body.data).toMatchObject({
      changed: true,
      restored_version: 2,
      to_version: 3,
      checks: { state_restored: true },
    })
    expect((await call('GET', `${WORKFLOWS}/greet`)).body.data).toMatchObject({
      version: 3,
      definition: before.definition,
    })
    // The rollback before that one goes on from the change that came before the deletion.
    await call('POST', `${WORKFLOWS}/greet/rollback`, {})
    const now = (await call('GET', `${WORKFLOWS}/greet`)).body.data as { definition: { description?: string } }
    expect(now.definition.description).toBeUndefined()
  })

  test('since a time is undone with all changes since, but not of what was made since', async () => {
    await create('old')
    const since = kit.platform.clock.now().toISOString()
    await kit.platform.clock.advance(60_000)
    await create('young')
    await call('DELETE', `${WORKFLOWS}/old`)
    await call('DELETE', `${WORKFLOWS}/young`)
    const { body } = await call('POST', `${WORKFLOWS}/rollback`, { since })
    expect(body.data).toMatchObject({ rolled_back: [{ workflow_id: 'old', restored_version: 1 }], skipped: [] })
    expect(await idsListed()).toEqual(['data_pipeline', 'old'])
  })

  test('leaves its id free, whose next version is none that a task has run', async () => {
    await create('greet')
    await call('DELETE', `${WORKFLOWS}/greet`)
    await create('greet', { ...GREETING, description: 'another' })
    expect((await call('GET', `${WORKFLOWS}/greet`)).body.data).toMatchObject({
      version: 2,
      definition: { description: 'another' },
    })
    expect((await call('POST', WORKFLOWS, { id: 'greet', ...GREETING })).body.code).toBe('workflow_exists')
  })

  test('is for good after a week, once no task is left', async () => {
    await create('greet')
    await create('busy')
    await call('POST', `${TASKS}/${await started('busy')}/cancel`)
    await call('DELETE', `${WORKFLOWS}/greet`)
    await call('DELETE', `${WORKFLOWS}/busy?force=true`)
    await kit.platform.clock.advance(6 * DAY_MS)
    expect(await cleanSnapshots(kit.platform)).toMatchObject({ workflows: 0 })
    await kit.platform.clock.advance(DAY_MS + 1)
    expect(await cleanSnapshots(kit.platform)).toMatchObject({ workflows: 1 })
    expect((await call('POST', `${WORKFLOWS}/greet/rollback`, {})).body.code).toBe('workflow_not_found')
    expect((await call('GET', `${WORKFLOWS}/busy?version=1`)).status).toBe(200)
  })
})
