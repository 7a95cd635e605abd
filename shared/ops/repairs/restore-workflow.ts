import { planOf } from '../../workflow/graph/plan.ts'
import { addVersion, findWorkflow, stateHash } from '../../workflow/workflow-store.ts'
import type { Repair } from '../incidents/repair.ts'
import { lastGoodVersion } from '../incidents/workflow-versions.ts'

// Held, so that nobody saves a version meanwhile; of that version only.
const HOLD = `
  select id
    from workflows
   where id = $1 and current_version = $2 and enabled
     for update`

/** Makes a new version of what the last good one was. The broken one stays where it is, to be looked at. */
export const restoreWorkflow: Repair = {
  name: 'restore-workflow',
  run: ({ store, clock }, { id, facts }, guard) =>
    store.transaction(async (tx) => {
      const version = Number(facts.version)
      const held = (await tx.query(HOLD, [id, version])).rowCount > 0
      const good = held ? await lastGoodVersion(tx, id, version) : null
      if (good === null)
        return { changed: false, summary: { zh: '版本已变化，未改动', en: 'It was changed meanwhile; left as it is' } }
      await guard.hold(tx, { before: { version }, after: { version: version + 1, restores: good.version } })
      const found = await findWorkflow(tx, id, good.version)
      if (found === null) throw new Error(`Version ${good.version} of ${id} is gone`)
      const { definition, frozen } = good
      const state = { definition, frozen, at: clock.now(), by: 'helix', restores: good.restores ?? good.version }
      await addVersion(tx, { ...found, version }, state)
      return {
        changed: true,
        summary: { zh: `已恢复到版本 ${good.version} 的内容`, en: `It is what version ${good.version} was` },
      }
    }),
  /** Not whether it is valid, but whether a run can be planned from what is stored, as it was saved. */
  async verify({ store }, { id, facts }) {
    const workflow = await findWorkflow(store, id)
    if (workflow === null) return 'fixed' // nobody has it any more
    if (workflow.version <= Number(facts.version)) return 'not_fixed'
    return planOf(workflow.definition).length > 0 && stateHash(workflow) === workflow.contentHash
      ? 'fixed'
      : 'not_fixed'
  },
}
