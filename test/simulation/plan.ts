import type { Config } from '../../shared/platform/config.ts'
import { type Draws, drawsOf } from './chance.ts'

/** What may go wrong. Each strikes at a decision point: one step of the schedule. */
export const FAULTS = [
  'crash-before',
  'crash-after',
  'kill-before',
  'kill-after',
  'refuse',
  'cut',
  'stall',
  'freeze',
  'stop',
  'drop',
  'double',
  'delay',
  'overtake',
  'redeliver',
  'miss-tick',
  'double-tick',
] as const
export type FaultKind = (typeof FAULTS)[number]

/** A node of a made-up workflow. */
export interface FlowNode {
  readonly name: string
  readonly needs: readonly string[]
  /** Whether its condition holds; a node also has nothing to do where all that it needs was skipped. */
  readonly holds: boolean
  readonly timeout_ms: number
  readonly max_attempts: number
}

export type Flow = readonly FlowNode[]

export interface Plan {
  readonly seed: number
  readonly runners: number
  readonly tasks: number
  readonly requests: number
  readonly mode: Config['HELIX_CONCURRENCY_MODE']
  readonly runningMax: number
  readonly stepsPerRunner: number
  readonly sliceSeconds: number
  /** Clocks are apart by up to this much, either way. */
  readonly skewMs: number
  /** What an item writes: the same whoever works it, or with the claim in it. */
  readonly content: 'same' | 'claim'
  readonly itemsMin: number
  readonly itemsMax: number
  readonly itemMsMax: number
  readonly longItems: number
  readonly failures: number
  /** How often a step touches nothing outside its process, so that the next one need not wait for its end. */
  readonly modest: number
  /** How often a task leaves out one of the steps that may be left out. */
  readonly skips: number
  readonly timeouts: boolean
  /** Seconds that an invocation is given; none where nothing ends it. */
  readonly deadlineSeconds: number | null
  readonly visibilitySeconds: number
  readonly faultRate: number
  readonly target: Target | null
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>
  /** The workflow of all runs of workflows; null where each draws its own. */
  readonly flow: Flow | null
  readonly requestGapMs: number
  readonly requestWeights: Readonly<Record<RequestKind, number>>
  readonly repeats: number
  /** Whether runners look for work that others have no room for. */
  readonly helps: boolean
  /** Nothing goes wrong any more after this step, once all requests have been made. */
  readonly stormSteps: number
}

export const REQUESTS = ['complete', 'create', 'flow', 'execute', 'cancel', 'resume', 'read', 'delete'] as const
export type RequestKind = (typeof REQUESTS)[number]

/** Parts of what the trace calls things that happen: calls that matter most. */
const TARGETS = [
  'helix_write',
  'helix_write',
  'update data_pipeline_task_executions',
  ': begin',
  'commit',
  ': send ',
  ': put ',
] as const
const TARGET_FAULTS = ['cut', 'stall', 'stall', 'freeze', 'refuse', 'crash-after', 'kill-after'] as const

/** One fault that strikes often at one kind of call, so that rare moments come about. */
export interface Target {
  readonly call: (typeof TARGETS)[number]
  readonly fault: FaultKind
}

/** What may be fixed from outside; the rest is the seed's. */
export interface PlanChanges {
  readonly runners?: number | undefined
  readonly tasks?: number | undefined
  readonly requests?: number | undefined
}

/** What a seed's world is like. Every seed switches things on and off and weighs them anew (swarm testing, Groce et al., 2012). */
export function planOf(seed: number, changes: PlanChanges = {}): Plan {
  const draws = drawsOf(seed, 'plan')
  const skewed = draws.chance(0.15)
  const faultRate = draws.one([0, 0.004, 0.015, 0.04, 0.04, 0.08])
  // Drawn whether they are fixed or not, so that the rest stays the seed's.
  const crowded = draws.chance(0.15)
  const timeouts = draws.chance(0.2)
  const [runners, tasks, more] = [draws.whole(2, 4), draws.whole(2, 5), draws.whole(1, 8)]
  const plan: Plan = {
    seed,
    runners: changes.runners ?? runners,
    tasks: changes.tasks ?? tasks,
    requests: changes.requests ?? tasks + more,
    mode: draws.one(['serial', 'parallel', 'mixed', 'parallel', 'mixed'] as const),
    runningMax: draws.whole(1, 4),
    stepsPerRunner: draws.whole(1, 3),
    sliceSeconds: draws.chance(0.4) ? draws.whole(1, 25) : 840,
    skewMs: skewed ? draws.whole(2_000, 30_000) : draws.one([0, 0, 500, 1_000]),
    content: draws.chance(0.7) ? 'claim' : 'same',
    itemsMin: draws.whole(0, 1),
    itemsMax: draws.whole(1, 5),
    itemMsMax: draws.one([0, 200, 2_000, 8_000]),
    longItems: timeouts ? 0.3 : draws.chance(0.25) ? 0.08 : 0,
    failures: draws.one([0, 0.03, 0.1, 0.3]),
    modest: drawsOf(seed, 'modest').one([0, 0.3, 0.7, 0.7, 1]),
    skips: draws.one([0, 0.2, 0.5]),
    timeouts,
    deadlineSeconds: draws.chance(0.2) ? draws.whole(25, 60) : null,
    visibilitySeconds: draws.one([30, 60, 300, 900]),
    faultRate,
    target: faultRate > 0 && draws.chance(0.7) ? { call: draws.one(TARGETS), fault: draws.one(TARGET_FAULTS) } : null,
    faults: someFaults(draws),
    flow: null,
    requestGapMs: draws.one([10, 500, 5_000, 30_000]),
    requestWeights: {
      complete: draws.whole(2, 6),
      create: draws.whole(0, 2),
      flow: drawsOf(seed, 'flows').one([0, 0, 0, 4, 12]),
      execute: draws.whole(0, 5),
      cancel: draws.chance(0.6) ? draws.one([1, 2, 8]) : 0,
      resume: draws.chance(0.7) ? draws.whole(1, 4) : 0,
      read: draws.whole(0, 2),
      delete: draws.chance(0.15) ? 1 : 0,
    },
    repeats: draws.one([0, 0.2, 0.5]),
    helps: draws.chance(0.4),
    stormSteps: draws.whole(50, 900),
  }
  return crowded ? crowd(plan, changes, draws) : plan.deadlineSeconds === null ? plan : hurry(plan)
}

/** Steps that take longer than an invocation has, or its end would never matter. */
function hurry(plan: Plan): Plan {
  return { ...plan, itemsMin: 1, itemsMax: 5, itemMsMax: 8_000 }
}

/** More is let in than there is room for, more waits than is let in, and people cancel what waits. */
function crowd(plan: Plan, changes: PlanChanges, draws: Draws): Plan {
  const quiet = draws.chance(0.6)
  return {
    ...plan,
    runners: changes.runners ?? 2,
    tasks: changes.tasks ?? 6,
    requests: changes.requests ?? 18,
    mode: plan.mode === 'serial' ? 'parallel' : plan.mode,
    runningMax: 3,
    stepsPerRunner: 1,
    itemMsMax: 8_000,
    requestGapMs: draws.one([10, 500, 2_000]),
    skewMs: Math.min(plan.skewMs, 1_000),
    deadlineSeconds: null,
    faultRate: quiet ? 0 : Math.max(plan.faultRate, 0.015),
    // Whoever cancels and dies before the room is given to somebody else leaves that to the sweep.
    target: quiet ? null : draws.chance(0.7) ? { call: 'commit', fault: 'crash-after' } : plan.target,
    requestWeights: {
      ...plan.requestWeights,
      complete: 6,
      create: 0,
      execute: 0,
      cancel: 6,
      resume: 1,
      read: 0,
      delete: 0,
    },
  }
}

/** One task on one runner, and nothing else: what `--systematic` crashes at every await. @param flow null for the four steps */
export function quietPlan(flow: Flow | null): Plan {
  const nothing = { complete: 0, create: 0, flow: 0, execute: 0, cancel: 0, resume: 0, read: 0, delete: 0 }
  return {
    ...planOf(1),
    runners: 1,
    tasks: 1,
    requests: 1,
    mode: 'mixed',
    runningMax: 2,
    stepsPerRunner: 2,
    sliceSeconds: 840,
    skewMs: 0,
    content: 'claim',
    itemsMin: 3,
    itemsMax: 3,
    itemMsMax: 8_000,
    longItems: 0,
    failures: 0,
    modest: 0,
    skips: 0,
    timeouts: false,
    deadlineSeconds: null,
    visibilitySeconds: 60,
    faultRate: 0,
    target: null,
    faults: {},
    flow,
    requestGapMs: 10,
    requestWeights: { ...nothing, [flow === null ? 'complete' : 'flow']: 1 },
    repeats: 0,
    helps: false,
    stormSteps: 0,
  }
}

function someFaults(draws: Draws): Partial<Record<FaultKind, number>> {
  const all = draws.chance(0.2)
  return Object.fromEntries(FAULTS.map((kind) => [kind, all || draws.chance(0.45) ? draws.whole(1, 5) : 0]))
}
