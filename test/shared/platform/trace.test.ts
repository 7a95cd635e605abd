import { expect, test } from 'vitest'
import { seededRandom } from '../../../shared/platform/random.ts'
import { keptTrace, openTrace, traceOfClaim, traceparentOf } from '../../../shared/platform/trace.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

const opened = (header: string | undefined) => openTrace(header, 'request-1', seededRandom(7))

test("a caller's trace goes on under a span of our own, recorded or not as the caller does", () => {
  const trace = opened(`00-${TRACE_ID}-${SPAN_ID}-00`)
  expect(trace).toEqual({
    traceId: TRACE_ID,
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    sampled: false,
    requestId: 'request-1',
  })
  expect(trace.spanId).not.toBe(SPAN_ID)
  expect(traceparentOf(trace)).toBe(`00-${TRACE_ID}-${trace.spanId}-00`)
})

test('a later version of the header is read as far as it is known', () => {
  expect(opened(`01-${TRACE_ID}-${SPAN_ID}-01-what-comes`).traceId).toBe(TRACE_ID)
})

test.each([
  ['nothing', undefined],
  ['an injection', `00-${TRACE_ID}-${SPAN_ID}-01*/; drop table orders; --`],
  ['an overlong one', `00-${TRACE_ID}-${SPAN_ID}-01-${'a'.repeat(10_000)}`],
  ['an overlong one of a later version', `01-${TRACE_ID}-${SPAN_ID}-01-${'a'.repeat(10_000)}`],
  ['two at once', `00-${TRACE_ID}-${SPAN_ID}-01, 00-${TRACE_ID}-${SPAN_ID}-01`],
  ['version ff', `ff-${TRACE_ID}-${SPAN_ID}-01`],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN_ID}-01`],
  ['a span of zeros', `00-${TRACE_ID}-${'0'.repeat(16)}-01`],
  ['capitals', `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`],
])('%s in the header begins a trace of our own', (_, header) => {
  const trace = opened(header)
  expect(trace).toMatchObject({ traceId: expect.stringMatching(/^[0-9a-f]{32}$/), sampled: true })
  expect(trace.traceId).not.toBe(TRACE_ID)
})

test('chance that draws only zeros still makes valid ids', () => {
  const trace = openTrace(undefined, 'request-1', () => 0)
  expect(traceparentOf(trace)).toBe(`00-${'0'.repeat(31)}1-${'0'.repeat(15)}1-01`)
})

test("each claim of a task's execution is a span of the trace that the task keeps", () => {
  const kept = keptTrace(opened(`00-${TRACE_ID}-${SPAN_ID}-01`))
  const [first, again, other] = [1, 1, 2].map((claim) => traceOfClaim(kept, 'execution', claim))
  expect(first).toMatchObject({ traceId: TRACE_ID, requestId: 'request-1', sampled: true })
  expect(again).toEqual(first)
  expect(other?.spanId).not.toBe(first?.spanId)
})
