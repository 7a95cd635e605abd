import type { AwsEvent } from '../shared/platform/aws-event.ts'
import type { Platform } from '../shared/platform/platform.ts'
import { callScheduled, type Scheduled, type Triggers } from './triggers.ts'

type Tick = Exclude<AwsEvent, { kind: 'http' | 'messages' }>

/**
 * Calls what a tick of EventBridge means.
 * @throws {Error} when nothing here is meant, and when something failed: the invocation then counts as failed
 */
export async function tick(
  platform: Platform,
  triggers: Triggers,
  scheduled: readonly Scheduled[],
  seen: Tick,
): Promise<void> {
  const due = scheduled.filter((one) => isMeant(one, seen))
  if (due.length === 0) throw new Error(`Nothing that runs here is scheduled at "${meaningOf(seen)}"`)
  const failed = seen.kind === 'cron' ? await triggers.fire(platform, seen.cron) : await failedOf(platform, due)
  if (failed.length > 0) throw new Error(`Scheduled functions failed: ${failed.join('; ')}`)
}

function isMeant({ name, cron }: Scheduled, seen: Tick): boolean {
  if (seen.kind === 'cron') return cron === seen.cron
  if (seen.kind === 'scheduled') return name === seen.name
  return seen.rule === name || seen.rule.endsWith(`-${name}`) // a stack puts its own name in front
}

function meaningOf(seen: Tick): string {
  if (seen.kind === 'cron') return seen.cron
  return seen.kind === 'scheduled' ? seen.name : `rule ${seen.rule}`
}

async function failedOf(platform: Platform, due: readonly Scheduled[]): Promise<string[]> {
  const failed: string[] = []
  for (const one of due) {
    const { reason } = await callScheduled(one, platform)
    if (reason !== null) failed.push(`${one.name}: ${reason}`)
  }
  return failed
}
