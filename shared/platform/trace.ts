import { hexOf, type Random, randomHex, seedOf } from './random.ts'

/** What ties together all that one request sets off: W3C Trace Context, and the id that its caller was answered. */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** Of this part of the work: 16 hexadecimal digits. */
  readonly spanId: string
  /** Whether the caller records its trace; handed on as it came. */
  readonly sampled: boolean
  readonly requestId: string
}

/** A trace as a task keeps it in its parameters, for whoever works it later. */
export interface KeptTrace {
  readonly trace_id: string
  readonly request_id: string
  readonly sampled: boolean
}

// Version 00, or a later one whose beginning reads the same; ids of zeros alone are invalid.
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-[\x21-\x7e]{0,200})?$/

/** The trace that a caller goes on with; anything but a valid `traceparent` begins a new one. */
export function openTrace(traceparent: string | undefined, requestId: string, random: Random): Trace {
  const [, version, traceId, flags = '', rest] = TRACEPARENT.exec(traceparent ?? '') ?? []
  const given = traceId !== undefined && (version !== '00' || rest === undefined)
  return {
    traceId: given ? traceId : randomHex(random, 4),
    spanId: randomHex(random, 2),
    sampled: given ? (Number.parseInt(flags, 16) & 1) === 1 : true,
    requestId,
  }
}

/** The header, or its like in a comment: `00-{trace}-{span}-{flags}`. */
export function traceparentOf({ traceId, spanId, sampled }: Trace): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}

export function keptTrace({ traceId, requestId, sampled }: Trace): KeptTrace {
  return { trace_id: traceId, request_id: requestId, sampled }
}

/** The trace of a task's execution; it needs no chance, so that one claim has one span whoever asks. */
export function traceOfClaim(kept: KeptTrace, executionId: string, claim: number): Trace {
  const spanId = `${hexOf(seedOf(`${executionId}#${claim}`))}${hexOf(seedOf(`${claim}#${executionId}`) || 1)}`
  return { traceId: kept.trace_id, spanId, sampled: kept.sampled, requestId: kept.request_id }
}
