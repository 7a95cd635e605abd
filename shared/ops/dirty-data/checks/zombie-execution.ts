import { isAbandoned } from '../../zombies/abandoned.ts'
import type { Check } from '../check.ts'

/** Type E: an execution says that it runs, and its lease has lapsed. */
export const zombieExecution: Check = {
  name: 'zombie-execution',
  type: 'E',
  severity: 'P1',
  meaning: {
    zh: '僵尸执行：状态为 running，但租约已过期，没有进程在执行',
    en: 'A zombie: the execution says that it runs, but its lease has lapsed and nobody works on it',
  },
  repair: {
    zh: '收回执行权并重新排队；尝试次数用完的标记为 failed',
    en: 'It is taken back and queued again; failed where its attempts are used up',
  },
  find(picture) {
    return picture.executions
      .filter((execution) => execution.status === 'running' && isAbandoned(execution, picture))
      .map(({ executionId }) => ({ executionId, fileName: null }))
  },
  plan({ executionId }, { executions }, draft) {
    const execution = executions.find((one) => one.executionId === executionId)
    if (execution !== undefined) draft.takeBack(execution)
  },
}
