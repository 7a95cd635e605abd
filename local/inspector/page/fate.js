import { t } from './language.js'

/** What came of a call, as one word for all triggers: the colour goes by it. */
export function fateOf({ trigger, durationMs, status, fate }) {
  if (durationMs === null) return 'running'
  if (trigger === 'http') return status === null || status >= 500 ? 'dead' : status >= 400 ? 'retry' : 'done'
  if (fate === 'acknowledge') return 'done'
  return trigger === 'cron' ? 'dead' : fate
}

/** @returns how it is said: HTTP by its status, the others by their fate */
export function fateText(record) {
  const fate = fateOf(record)
  if (record.trigger === 'http' && fate !== 'running') return String(record.status ?? t('threw'))
  if (record.trigger === 'cron' && fate === 'dead') return t('failed')
  return t(fate === 'done' || fate === 'running' ? fate : `fate_${fate}`)
}
