import { expect, test } from 'vitest'
import { LogWatch } from './log-watch.ts'

test('errors of faults on purpose and of scripted failures are no news, others are kept by kind', () => {
  const watch = new LogWatch()
  watch.read({ event: 'background.failed', level: 'error', what: 'x', message: 'it was cut on purpose' })
  watch.read({ event: 'background.failed', level: 'error', what: 'x', message: 'row 17 is odd' })
  watch.read({ event: 'background.failed', level: 'error', what: 'x', message: 'row 18 is odd' })
  watch.read({ event: 'task.created', level: 'info' })
  expect([...watch.errors.values()]).toMatchObject([{ text: 'background.failed x: row # is odd', count: 2 }])
})

test('an execution that failed is excused by what faults and scripts lead to, and faults are counted', () => {
  const watch = new LogWatch()
  watch.read({ event: 'fault.injected', level: 'warning', point: 'store.query', fault: 'cut-after' })
  watch.read({ event: 'execution.failed', level: 'error', code: 'store_unavailable' })
  expect([watch.errors.size, watch.faults]).toEqual([0, { 'cut-after': 1 }])
  watch.read({ event: 'execution.failed', level: 'error', code: 'internal' })
  expect(watch.errors.size).toBe(1)
})
