import { beforeEach, expect, test } from 'vitest'
import { brokenWorkflowVersion } from '../../../../shared/ops/faults/broken-workflow-version.ts'
import { REPAIRS } from '../../../../shared/ops/repairs/all.ts'
import { createWorkflow, replaceWorkflow } from '../../../../shared/workflow/change-workflow.ts'
import { etagOf, loadWorkflow } from '../../../../shared/workflow/workflow-store.ts'
import { engineKit } from '../../../support/engine-kit.ts'
import { incidentsIn, round } from '../../../support/incident-kit.ts'
import type { TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
let platform: TestPlatform
beforeEach(async () => {
  platform = await kit.open()
})

const change = { by: 'somebody', language: 'en' } as const
const definition = (name: string) => ({ name, nodes: [{ name, node: 'ddl_generation' }] })

/** A workflow of two versions. */
async function workflow(id: string): Promise<void> {
  const { store } = platform
  await store.transaction((tx) => createWorkflow(platform, tx, { id, definition: definition('one') as never }, change))
  const ifMatch = etagOf(await loadWorkflow(store, id))
  const next = { definition: definition('two') as never, ifMatch }
  await store.transaction((tx) => replaceWorkflow(platform, tx, id, next, change))
}

const check = () => round(platform, REPAIRS, [brokenWorkflowVersion])

test.each([
  ['an edge that leads nowhere', `jsonb_set(definition, '{edges}', '[{"source": "two", "target": "gone"}]')`],
  ['no nodes', `'{}'::jsonb`],
  ['a node that there is not', `jsonb_set(definition, '{nodes,0,node}', '"none"')`],
  ['another name than was saved', `jsonb_set(definition, '{name}', '"three"')`],
])(
  'a version that somebody has given %s is rolled back to the last good one, and no other workflow touched',
  async (_, edit) => {
    await workflow('ill')
    await workflow('well')
    const well = await loadWorkflow(kit.store, 'well')
    await kit.store.query(`update workflow_versions set definition = ${edit} where workflow_id = 'ill' and version = 2`)
    await check()
    expect(await incidentsIn(kit.store)).toMatchObject([
      { fault: 'broken_workflow_version', target: 'ill', status: 'verified', repair: 'restore-workflow' },
    ])
    expect(await loadWorkflow(kit.store, 'ill')).toMatchObject({ version: 3, restores: 1, definition: { name: 'one' } })
    expect(await loadWorkflow(kit.store, 'well')).toEqual(well)
  },
)

test('a workflow without a good version is left to a person', async () => {
  await workflow('ill')
  await kit.store.query(`update workflow_versions set definition = '{}'`)
  await check()
  expect(await incidentsIn(kit.store)).toMatchObject([{ target: 'ill', status: 'escalated', repair: null }])
})
