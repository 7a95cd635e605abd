import type { CoverageReasons } from './coverage.ts'

/** One target of the report: how far the run came, what is missing, and why. */
export interface Measure {
  readonly name: string
  /** Which target it belongs to, 1 to 18, as the documentation numbers them. */
  readonly target: number
  /** What is asked, for people: `>= 90 %`. */
  readonly asked: string
  readonly unit: 'share' | 'count' | 'text'
  /** A share from 0 to 1, a count, or a text; null where this run could not measure it. */
  readonly value: number | string | null
  /** Of how many, where the value is a share. */
  readonly of: number | null
  /** Null where there was nothing to measure, or nothing to compare with. */
  readonly met: boolean | null
  /** The first of what is missing, each with its reason. */
  readonly missing: readonly Missing[]
  readonly missing_total: number
  /** What a person must know to judge the value; empty where it speaks for itself. */
  readonly why: string
}

export interface Missing {
  readonly name: string
  readonly reason: string
}

/** Something that bounded or weakened the run. */
export interface Limit {
  readonly name: string
  readonly detail: string
}

const MISSING_MAX = 50 // a person reads no more; the total is told

interface Asked {
  readonly target: number
  readonly name: string
  readonly why?: string
}

/** A share of things that are there or not: met from `least` on; nothing to measure is neither met nor missed. */
export function shareOf(asked: Asked, total: number, missing: readonly Missing[], least: number): Measure {
  const value = total === 0 ? null : round((total - missing.length) / total)
  return {
    ...headOf(asked, least === 1 ? '100 %' : `>= ${Math.round(least * 100)} %`),
    unit: 'share',
    value,
    of: total,
    met: value === null ? null : total - missing.length >= least * total,
    ...listed(missing),
    why: asked.why ?? (value === null ? 'nothing_to_measure' : ''),
  }
}

/** A share that should lie between two others. */
export function shareBetween(asked: Asked, count: number, total: number, least: number, most: number): Measure {
  const value = total === 0 ? null : round(count / total)
  return {
    ...headOf(asked, `${Math.round(least * 100)}-${Math.round(most * 100)} %`),
    unit: 'share',
    value,
    of: total,
    met: value === null ? null : value >= least && value <= most,
    ...listed([]),
    why: asked.why ?? (value === null ? 'nothing_to_measure' : ''),
  }
}

/** A count that should reach `least`; null asks nothing. */
export function countOf(asked: Asked, value: number, least: number | null, missing: readonly Missing[] = []): Measure {
  return {
    ...headOf(asked, least === null ? '' : `>= ${least}`),
    unit: 'count',
    value,
    of: null,
    met: least === null ? null : value >= least,
    ...listed(missing),
    why: asked.why ?? '',
  }
}

/** What this run can't measure by itself: `why` says where it is measured. */
export function unmeasured(
  asked: Asked & { readonly why: string },
  text: string,
  value: string | null = null,
): Measure {
  return { ...headOf(asked, text), unit: 'text', value, of: null, met: null, ...listed([]), why: asked.why }
}

/** Names with what the caller knows about each, else `not_used`. */
export function withReasons(names: readonly string[], reasons: CoverageReasons = new Map()): readonly Missing[] {
  return names.map((name) => ({ name, reason: reasons.get(name) ?? 'not_used' }))
}

function headOf({ name, target }: Asked, asked: string): Pick<Measure, 'name' | 'target' | 'asked'> {
  return { name, target, asked }
}

function listed(missing: readonly Missing[]): Pick<Measure, 'missing' | 'missing_total'> {
  return { missing: missing.slice(0, MISSING_MAX), missing_total: missing.length }
}

function round(share: number): number {
  return Math.round(share * 10_000) / 10_000
}
