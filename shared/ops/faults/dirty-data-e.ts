import { faultOfType } from '../dirty-data/fault-of-type.ts'

export const zombieExecutions = faultOfType('E', 'P1', {
  zh: '僵尸执行：租约已过期，没有进程在执行',
  en: 'Zombies: executions whose lease has lapsed',
})
