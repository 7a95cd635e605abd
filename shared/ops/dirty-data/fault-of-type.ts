import type { Severity } from '../../platform/problems.ts'
import type { FaultClass, FaultTarget } from '../incidents/fault.ts'
import type { DirtyType } from './dirty-type.ts'
import type { Finding, Text } from './finding.ts'
import { watchDirtyData } from './watch.ts'

const NAMES_MAX = 20 // of files and executions, among the facts of one target
const SIGNS_MAX = 50

/** Whose clean-up is left to a person: it would throw away what somebody may still want. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(['output-differs'])

/** What is no fault: an execution that failed keeps what it had done, for the task to go on from when it is resumed. */
const NO_FAULT: ReadonlySet<string> = new Set(['output-of-failed-execution'])

/** Whether a repair may put a finding right by itself. */
export function isRepairable({ check }: Pick<Finding, 'check'>): boolean {
  return !FOR_PEOPLE.has(check) && !NO_FAULT.has(check)
}

/** The dirty data of one type as a kind of fault: a target for each task that has any. */
export function faultOfType(type: DirtyType, severity: Severity, meaning: Text): FaultClass {
  return {
    name: `dirty_data_${type.toLowerCase()}`,
    severity,
    layer: 'application',
    kind: 'task',
    meaning,
    async detect(platform) {
      const { findings, of } = await watchDirtyData(platform)
      const ofType = findings.filter((finding) => finding.type === type && !NO_FAULT.has(finding.check))
      const ids = [...new Set(ofType.map(({ taskId }) => taskId))]
      return { of, ill: ids.map((id) => targetOf(id, ofType)) }
    },
    async diagnose(_, { id, facts }) {
      const count = Number(facts.findings)
      const checks = Array.isArray(facts.checks) ? facts.checks.map(String) : []
      const onlyPeople = checks.every((check) => !isRepairable({ check }))
      const named = checks.join(', ')
      return {
        rule: onlyPeople ? 'content-was-changed' : `dirty-data-${type.toLowerCase()}`,
        explanation: onlyPeople
          ? {
              zh: `任务 ${id} 有 ${count} 个输出文件与记录不一致，可能是人工修改，不自动清理。用 helix cleanup ${id} 查看`,
              en: `${count} output files of ${id} are not what was recorded. Somebody may have edited them, so nothing is removed: see \`helix cleanup ${id}\``,
            }
          : {
              zh: `任务 ${id} 有 ${count} 处 ${type} 类脏数据（${named}），将按计划清理，可以回滚`,
              en: `${id} has ${count} findings of type ${type} (${named}); they are cleaned up, which can be rolled back`,
            },
        repair: onlyPeople ? null : 'clean-up-task',
      }
    },
  }
}

function targetOf(taskId: string, findings: readonly Finding[]): FaultTarget {
  const own = findings.filter((finding) => finding.taskId === taskId)
  const names = own.flatMap(({ fileName }) => fileName ?? [])
  const executions = [...new Set(own.flatMap(({ executionId }) => executionId ?? []))]
  const signs = own.map(({ check, executionId, fileName }) =>
    [check, executionId, fileName].filter((part) => part !== null).join(' '),
  )
  const facts = {
    type: own[0]?.type,
    findings: own.length,
    checks: [...new Set(own.map(({ check }) => check))],
    names: names.slice(0, NAMES_MAX),
    executions: executions.slice(0, NAMES_MAX),
    signs: signs.toSorted().slice(0, SIGNS_MAX),
  }
  return { id: taskId, facts, occurredAt: null }
}
