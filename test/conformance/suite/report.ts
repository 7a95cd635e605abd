import type { Result } from './play.ts'
import type { TargetRun } from './play-target.ts'

/** One case's line: `ok`, `FAILED` with what went wrong, or `left out` with what is lacking. */
export function line(target: string, result: Result): string {
  const what = `${target} · ${result.subject} · ${result.name}`
  if (result.outcome === 'ok') return `  ok        ${what} (${(result.ms / 1_000).toFixed(1)} s)\n`
  if (result.outcome === 'failed') return `  FAILED    ${what}\n${indented(result.reason)}\n`
  const { reason } = result
  return `  left out  ${what}: ${reason.kind === 'given' ? reason.why : `${reason.capability}: ${reason.why}`}\n`
}

/** What a target's run came to, with the end of its output where something failed. */
export function summary(target: string, { results, output, trouble }: TargetRun): string {
  const count = (outcome: Result['outcome']) => results.filter((result) => result.outcome === outcome).length
  const figures = `${target}: ${count('ok')} ok, ${count('failed')} failed, ${count('left out')} left out\n`
  if (trouble === null && count('failed') === 0) return figures
  const ended = trouble === null ? '' : `${target} did not get through:\n${indented(trouble)}\n`
  return `${figures}${ended}The last that ${target} printed:\n${indented(output)}\n`
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '            ')
}
