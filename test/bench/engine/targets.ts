import type { WorkflowTable } from './workflows.ts'

/** A ratio that Helix is to reach, beside what was measured. */
export interface Target {
  readonly what: string
  readonly target: string
  readonly measured: string
  readonly met: boolean
}

const TIMES_DBOS: Readonly<Record<number, number>> = { 1: 2.5, 10: 5, 50: 8 }
const STATEMENTS: Readonly<Record<number, number>> = { 1: 7.5, 10: 1.5, 50: 0.5 }
const TIMES_BEST_PEER = 5 // at 50, of those whose jobs each have a fate of their own
const QUEUES = ['pg-boss', 'graphile-worker']

export function workflowTargets(table: WorkflowTable): Target[] {
  const helix = table.helix
  if (helix === undefined) return []
  const targets: Target[] = []
  for (const [at, times] of Object.entries(TIMES_DBOS)) {
    const dbos = table.dbos?.[Number(at)]?.perSecond
    const own = helix[Number(at)]?.perSecond
    if (dbos === undefined || own === undefined) continue
    targets.push(atLeast(`workflows per second at ${at}, as a multiple of DBOS`, times, own / dbos, '×'))
  }
  const best = Math.max(...QUEUES.map((name) => table[name]?.[50]?.perSecond ?? 0))
  const own = helix[50]?.perSecond
  if (best > 0 && own !== undefined)
    targets.push(
      atLeast('workflows per second at 50, as a multiple of the best queue', TIMES_BEST_PEER, own / best, '×'),
    )
  for (const [at, most] of Object.entries(STATEMENTS)) {
    const statements = helix[Number(at)]?.statements
    if (typeof statements === 'number') targets.push(atMost(`statements per workflow at ${at}`, most, statements))
  }
  return targets
}

export function atLeast(what: string, target: number, measured: number, unit = ''): Target {
  return {
    what,
    target: `≥ ${target} ${unit}`.trim(),
    measured: `${figure(measured)} ${unit}`.trim(),
    met: measured >= target,
  }
}

export function atMost(what: string, target: number, measured: number, unit = ''): Target {
  return {
    what,
    target: `≤ ${target} ${unit}`.trim(),
    measured: `${figure(measured)} ${unit}`.trim(),
    met: measured <= target,
  }
}

/** Three digits that count. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}
