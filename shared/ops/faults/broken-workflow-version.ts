import type { FaultClass } from '../incidents/fault.ts'
import { countWorkflows, faultOf, lastGoodVersion, listCurrentVersions } from '../incidents/workflow-versions.ts'

/** The present version of a workflow can not run, or is not what was saved. */
export const brokenWorkflowVersion: FaultClass = {
  name: 'broken_workflow_version',
  severity: 'P1',
  layer: 'application',
  kind: 'workflow',
  meaning: {
    zh: '工作流的当前版本已损坏或无法通过校验',
    en: 'The present version of a workflow is damaged or not valid',
  },
  async detect({ store }) {
    const ill = []
    for (const version of await listCurrentVersions(store)) {
      const fault = await faultOf(store, version)
      if (fault === null) continue
      ill.push({ id: version.id, facts: { version: version.version, fault }, occurredAt: null })
    }
    return { of: await countWorkflows(store), ill }
  },
  async diagnose({ store }, { id, facts }) {
    const good = await lastGoodVersion(store, id, Number(facts.version))
    const back = {
      zh: good === null ? '没有可用的旧版本' : `将回滚到版本 ${good.version}`,
      en: good === null ? 'no earlier version is good' : `it is rolled back to version ${good.version}`,
    }
    return {
      rule: facts.fault === 'content-changed' ? 'content-changed' : 'not-valid',
      explanation: {
        zh: `工作流 ${id} 的版本 ${facts.version} ${facts.fault === 'content-changed' ? '与保存时的校验和不符' : `无法通过校验（${facts.fault}）`}，${back.zh}`,
        en: `Version ${facts.version} of ${id} ${facts.fault === 'content-changed' ? 'is not what was saved' : `is not valid (${facts.fault})`}: ${back.en}`,
      },
      repair: good === null ? null : 'restore-workflow',
    }
  },
}
