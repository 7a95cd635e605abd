import type { Platform } from '../../platform/platform.ts'
import { faultOfType } from '../dirty-data/fault-of-type.ts'
import type { Finding } from '../dirty-data/finding.ts'
import { isFull, listUnderWay } from '../incidents/under-way.ts'

export const zombieExecutions = faultOfType(
  'E',
  'P1',
  {
    zh: '僵尸执行：租约已过期，没有进程在执行',
    en: 'Zombies: executions whose lease has lapsed',
  },
  waitingForRoom,
)

/** While every runner is full, what nobody has taken yet waits for room: it has lost no worker. */
async function waitingForRoom(platform: Platform): Promise<(finding: Finding) => boolean> {
  const underWay = await listUnderWay(platform.store)
  if (!isFull(underWay, platform)) return () => false
  const untaken = new Set(underWay.filter(({ heartbeatAt }) => heartbeatAt === null).map((one) => one.executionId))
  return ({ executionId }) => executionId !== null && untaken.has(executionId)
}
