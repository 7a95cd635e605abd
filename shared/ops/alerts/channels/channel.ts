import type { Severity } from '../../../platform/problems.ts'
import type { Alert } from '../alerts.ts'

export const CHANNELS = ['webhook', 'slack', 'dingtalk', 'email'] as const
export type ChannelName = (typeof CHANNELS)[number]

/** What is told at once: alerts of one component that began, or that are over. */
export interface AlertMessage {
  /** The same whenever the same message is sent again: receivers know repeats by it. */
  readonly id: string
  readonly kind: 'firing' | 'resolved' | 'test'
  readonly component: string
  /** The worst of the alerts'. */
  readonly severity: Severity
  readonly alerts: readonly Alert[]
  readonly at: Date
}

export type SendOutcome =
  | { readonly ok: true }
  /** Why, without secrets, and how long at least to wait before the next try. */
  | { readonly ok: false; readonly reason: string; readonly waitMs?: number }

/** A way to tell people. Sending never throws: what goes wrong is the outcome. */
export interface Channel {
  readonly name: ChannelName
  send(message: AlertMessage): Promise<SendOutcome>
}
