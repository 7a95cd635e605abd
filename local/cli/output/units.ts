import type { Language } from '../../../shared/platform/problems.ts'

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** `1.4 MB`, in steps of 1,000. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

/** `8 s`, `2 min 5 s`, `1 h 3 min`; in Chinese `8 秒`, `2 分 5 秒`, `1 小时 3 分`. */
export function durationText(seconds: number, language: Language): string {
  const [hour, minute, second] = language === 'zh' ? ['小时', '分', '秒'] : ['h', 'min', 's']
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} ${second}`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} ${minute} ${whole % 60} ${second}`
  return `${Math.floor(minutes / 60)} ${hour} ${minutes % 60} ${minute}`
}

/** `38/40 (95 %)`; `–` where there is nothing to cover. */
export function shareText(covered: number, total: number): string {
  return total === 0 ? '–' : `${covered}/${total} (${Math.floor((covered / total) * 100)} %)`
}
