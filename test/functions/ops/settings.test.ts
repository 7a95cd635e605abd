import { describe, expect, test } from 'vitest'
import { functionKit } from '../../support/function-kit.ts'

const SETTINGS = '/api/v1/ops/settings'
const kit = functionKit()

describe('settings', () => {
  test.each([
    ['an unknown name', { dynamic_nodes: false }, 'dynamic_nodes'],
    ['a text for a switch', { dynamic_node_creation_enabled: 'off' }, 'dynamic_node_creation_enabled'],
  ])('refuse %s', async (_, body, path) => {
    const answer = await kit.send('PATCH', SETTINGS, { body })
    expect([answer.status, await answer.json()]).toMatchObject([400, { errors: [{ path }] }])
  })

  test('that stay as they are leave no trace in the audit log', async () => {
    const answer = await kit.send('PATCH', SETTINGS, { body: { dynamic_node_creation_enabled: true } })
    expect(await answer.json()).toMatchObject({ data: { dynamic_node_creation_enabled: true } })
    expect((await kit.platform.store.query('select 1 as n from audit_log')).rows).toEqual([])
  })
})
