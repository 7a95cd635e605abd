import { faultOfType } from '../dirty-data/fault-of-type.ts'

export const standingTasks = faultOfType('C', 'P1', {
  zh: '任务进行中，但没有任何步骤在排队或执行',
  en: 'A task is in progress, but nothing of it is queued or running',
})
