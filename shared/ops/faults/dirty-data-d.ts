import { faultOfType } from '../dirty-data/fault-of-type.ts'

export const attemptsExceeded = faultOfType('D', 'P1', {
  zh: '执行的尝试次数超过上限',
  en: 'An execution was tried more often than it may be',
})
