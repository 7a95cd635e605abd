import type { LogAnswer } from './answers.ts'
import type { Style } from './output/style.ts'
import { printable } from './output/width.ts'

/** `2025-07-01 14:30:53 INFO  Reading table film`. */
export function renderLog({ timestamp, level, message }: LogAnswer, style: Style): string {
  const paint = level === 'ERROR' || level === 'CRITICAL' ? style.bad : level === 'WARNING' ? style.warn : style.faint
  return `${style.faint(timestamp.replace('T', ' '))} ${paint(level.padEnd(7))} ${printable(message)}`
}
