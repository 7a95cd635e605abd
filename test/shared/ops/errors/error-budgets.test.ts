import { beforeEach, describe, expect, test } from 'vitest'
import { budgetedPlatform } from '../../../../shared/ops/errors/budgeted-platform.ts'
import { ErrorBudgets, type Operation } from '../../../../shared/ops/errors/error-budgets.ts'
import { UnusableAnswer } from '../../../../shared/platform/llm.ts'
import type { Platform } from '../../../../shared/platform/platform.ts'
import { asProblem, Problem, type ProblemCode } from '../../../../shared/platform/problems.ts'
import { engineKit, gate } from '../../../support/engine-kit.ts'
import { sourcesOf, type TestPlatform } from '../../../support/test-platform.ts'

const kit = engineKit()
let platform: TestPlatform
const asked: string[] = []
beforeEach(async () => {
  asked.length = 0
  platform = await kit.open({ restart: { ask: (reason) => asked.push(reason) } })
})

const LLM: Operation = { name: 'llm', mayRestart: true, waits: true }

/** One call that fails or succeeds. @returns the code of its problem, `ok` otherwise */
async function call(budgets: ErrorBudgets, fails: boolean, operation = LLM, subject: string | null = null) {
  try {
    await budgets.guard(
      platform,
      operation,
      async () => {
        if (fails) throw new Problem('llm_failed', 'no answer')
      },
      (outcome) => ('thrown' in outcome ? { code: 'llm_failed', subject } : null),
    )
    return 'ok'
  } catch (thrown) {
    return asProblem(thrown).code
  }
}

async function rows() {
  const { rows: found } = await kit.store.query(
    'select operation, consecutive_failures as failures, state, last_error_code as code from error_budgets order by operation',
  )
  return found
}

test('three failures in a row degrade an operation: the next call is answered at once, with when to come back', async () => {
  const budgets = new ErrorBudgets()
  for (let times = 0; times < 3; times++) expect(await call(budgets, true)).toBe('llm_failed')
  expect(await rows()).toEqual([{ operation: 'llm', failures: 3, state: 'degraded', code: 'llm_failed' }])
  const refused = await budgets
    .guard(
      platform,
      LLM,
      async () => 'called',
      () => null,
    )
    .catch((thrown: unknown) => asProblem(thrown))
  expect(refused).toMatchObject({ code: 'component_degraded', status: 503, retryAfter: expect.any(Number) })
  expect(platform.logged.map(({ event }) => event)).toEqual(['component.degraded'])
})

test('a success in between breaks the row without a write of its own', async () => {
  const budgets = new ErrorBudgets()
  await call(budgets, true)
  await call(budgets, true)
  await platform.clock.advance(1)
  expect(await call(budgets, false)).toBe('ok')
  expect(await rows()).toMatchObject([{ failures: 0, state: 'closed' }])
  await platform.clock.advance(1)
  await call(budgets, true)
  await call(budgets, true)
  expect(await rows()).toMatchObject([{ failures: 2, state: 'closed' }])
})

test('failures of many processes count as one row of them, and exactly one degrades it', async () => {
  const processes = Array.from({ length: 8 }, () => new ErrorBudgets())
  const allAsk = gate()
  let asking = 0
  const fail = async () => {
    if (++asking === processes.length) allAsk.open()
    await allAsk.passed
    throw new Problem('llm_failed', 'no answer')
  }
  const told = () => ({ code: 'llm_failed' as const, subject: null })
  await Promise.allSettled(processes.map((budgets) => budgets.guard(platform, LLM, fail, told)))
  expect(await rows()).toMatchObject([{ failures: 8, state: 'degraded' }])
  expect(platform.logged.filter(({ event }) => event === 'component.degraded')).toHaveLength(1)
})

test('while it is degraded one probe at a time tries, and its success lets all processes call again', async () => {
  const [one, other] = [new ErrorBudgets(), new ErrorBudgets()]
  for (let times = 0; times < 3; times++) await call(one, true)
  await platform.clock.advance(10_000)
  const othersAnswered = gate()
  const answers: string[] = []
  const probe = async (budgets: ErrorBudgets) => {
    const outcome = budgets.guard(
      platform,
      LLM,
      () => othersAnswered.passed,
      () => null,
    )
    answers.push(
      await outcome.then(
        () => 'ok',
        (thrown: unknown) => asProblem(thrown).code,
      ),
    )
    if (answers.length === 3) othersAnswered.open()
  }
  await Promise.all([one, other, one, other].map(probe))
  expect(answers).toEqual(['component_degraded', 'component_degraded', 'component_degraded', 'ok'])
  await platform.clock.advance(2_000)
  expect(await call(other, false)).toBe('ok')
  expect(await rows()).toMatchObject([{ failures: 0, state: 'closed' }])
})

test('ten failures in a row ask for one restart, and none of a source', async () => {
  const budgets = new ErrorBudgets()
  const source: Operation = { name: 'source:shop', mayRestart: false, waits: true }
  for (let times = 0; times < 14; times++) {
    await call(budgets, true)
    await call(budgets, true, source)
    await platform.clock.advance(61_000)
  }
  expect(asked).toEqual(['llm has failed 10 times in a row (llm_failed)'])
  expect(await rows()).toMatchObject([
    { operation: 'llm', failures: 14, state: 'restart_asked' },
    { operation: 'source:shop', failures: 14, state: 'degraded' },
  ])
})

test('one bad thing alone never opens the breaker for others, two do', async () => {
  const budgets = new ErrorBudgets()
  for (let times = 0; times < 5; times++) expect(await call(budgets, true, LLM, 'task:1')).toBe('llm_failed')
  expect(await rows()).toMatchObject([{ failures: 5, state: 'closed' }])
  await call(budgets, true, LLM, 'task:2')
  expect(await rows()).toMatchObject([{ failures: 6, state: 'degraded' }])
})

test('an operation that does well writes nothing, and reads no more than each two seconds', async () => {
  let statements = 0
  const { store } = platform
  const counted: Platform = {
    ...platform,
    store: {
      ...store,
      query: async (text, values) => {
        statements += 1
        return await store.query(text, values)
      },
    },
  }
  const budgets = new ErrorBudgets()
  for (let times = 0; times < 1_000; times++)
    await budgets.guard(
      counted,
      LLM,
      async () => undefined,
      () => null,
    )
  expect(statements).toBe(1)
  expect(await rows()).toEqual([])
})

describe('of the components of a platform', () => {
  const failing = (code: ProblemCode, cause?: unknown) => async () => {
    throw new Problem(code, 'no', cause === undefined ? {} : { cause })
  }

  test('a source that does not answer is degraded alone, by its own name', async () => {
    const sources = sourcesOf([
      { name: 'bad', open: failing('source_unreachable') },
      { name: 'good', open: failing('source_not_found') },
    ])
    const guarded = budgetedPlatform({ ...platform, sources }, new ErrorBudgets())
    const codes: string[] = []
    for (const name of ['bad', 'bad', 'bad', 'bad', 'good', 'good', 'good', 'good']) {
      codes.push(await guarded.sources.open({ name }).then(String, (thrown: unknown) => asProblem(thrown).code))
    }
    expect(codes).toEqual([
      ...Array(3).fill('source_unreachable'),
      'component_degraded',
      ...Array(4).fill('source_not_found'),
    ])
    const inline = { name: 'bad', url: 'postgres://localhost/x' }
    expect(await guarded.sources.open(inline).catch((thrown: unknown) => asProblem(thrown).code)).toBe(
      'source_unreachable',
    )
  })

  test('a source that is given a rest is called for whoever asks by hand, and for all again once it answers', async () => {
    let answers = false
    const open = async () => {
      if (!answers) throw new Problem('source_unreachable', 'no')
      return 'opened' as never
    }
    const sources = sourcesOf([{ name: 'bad', open }])
    const guarded = budgetedPlatform({ ...platform, sources }, new ErrorBudgets())
    const ask = (ref: { name: string; asked?: boolean }) =>
      guarded.sources.open(ref).then(String, (thrown: unknown) => asProblem(thrown).code)
    for (let times = 0; times < 3; times++) await ask({ name: 'bad' })
    expect(await ask({ name: 'bad' })).toBe('component_degraded')
    expect(await ask({ name: 'bad', asked: true })).toBe('source_unreachable')
    answers = true
    expect(await ask({ name: 'bad' })).toBe('component_degraded')
    expect(await ask({ name: 'bad', asked: true })).toBe('opened')
    expect(await ask({ name: 'bad' })).toBe('opened')
    expect(await rows()).toMatchObject([{ failures: 0, state: 'closed' }])
  })

  test('an answer that one request can not use does not count against the model', async () => {
    const llm = { model: 'm', complete: failing('llm_failed', new UnusableAnswer()) }
    const guarded = budgetedPlatform({ ...platform, llm: llm as never }, new ErrorBudgets())
    for (let times = 0; times < 5; times++) await guarded.llm?.complete({} as never).catch(() => undefined)
    expect(await rows()).toEqual([])
  })

  test('a disk that is full stops writing, but neither reading nor deleting, also inside a transaction', async () => {
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    const files = { ...platform.files, put: failing('files_unavailable', full) }
    const guarded = budgetedPlatform({ ...platform, files: files as never }, new ErrorBudgets())
    const codes = await platform.store.transaction(async () => {
      const met: string[] = []
      for (let times = 0; times < 3; times++) {
        met.push(await guarded.files.put('a/b', 'x').then(String, (thrown: unknown) => asProblem(thrown).code))
      }
      return met
    })
    await platform.settled()
    const after = await guarded.files.put('a/b', 'x').then(String, (thrown: unknown) => asProblem(thrown).code)
    expect([...codes, after]).toEqual([...Array(3).fill('files_unavailable'), 'component_degraded'])
    expect(await guarded.files.head('a/b')).toBeNull()
    await guarded.files.delete(['a/b'])
    expect(await rows()).toMatchObject([{ operation: 'files', failures: 3, state: 'degraded' }])
  })

  test('a folder that one task can not write to stops nobody else', async () => {
    const denied = Object.assign(new Error('EACCES'), { code: 'EACCES' })
    const files = { ...platform.files, put: failing('files_unavailable', denied) }
    const guarded = budgetedPlatform({ ...platform, files: files as never }, new ErrorBudgets())
    for (let times = 0; times < 5; times++) await guarded.files.put('task_1/b', 'x').catch(() => undefined)
    await platform.settled()
    expect(await rows()).toMatchObject([{ failures: 5, state: 'closed' }])
  })

  test('code that breaks the sandbox each time is no fault of the sandbox, but two codes are', async () => {
    const crashed = { success: false, error: { code: 'sandbox_crashed' } }
    const sandbox = { run: async () => crashed, close: async () => undefined }
    const guarded = budgetedPlatform({ ...platform, sandbox: sandbox as never }, new ErrorBudgets())
    for (let times = 0; times < 4; times++) expect(await guarded.sandbox.run({ code: 'bad', inputs: {} })).toBe(crashed)
    expect(await rows()).toMatchObject([{ operation: 'sandbox', failures: 4, state: 'closed' }])
    await guarded.sandbox.run({ code: 'worse', inputs: {} })
    const refused = await guarded.sandbox
      .run({ code: 'good', inputs: {} })
      .catch((thrown: unknown) => asProblem(thrown))
    expect(refused).toMatchObject({ code: 'component_degraded' })
  })
})
