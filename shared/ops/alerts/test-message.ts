import type { Platform } from '../../platform/platform.ts'
import { randomId } from '../../platform/random.ts'
import type { AlertMessage } from './channels/channel.ts'

/** A message by which people see that a channel leads to them. */
export function testMessage({ clock, random }: Platform): AlertMessage {
  const at = clock.now()
  const alert = {
    id: 0,
    rule: 'test',
    severity: 'P2',
    status: 'firing',
    component: 'system',
    message: { zh: '这是一条测试消息，收到即表示该渠道可用', en: 'This is a test: the channel leads to you' },
    responseMinutes: 60,
    value: null,
    firstSeenAt: at,
    lastSeenAt: at,
    acknowledgedBy: null,
    acknowledgedAt: null,
    silencedUntil: null,
    resolvedAt: null,
  } as const
  return { id: `${randomId(random)}-test`, kind: 'test', component: 'system', severity: 'P2', alerts: [alert], at }
}
