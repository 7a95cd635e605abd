import { afterEach, expect, test } from 'vitest'
import { main } from '../../../local/cli/main.ts'
import { QUALITY, taskAnswer } from '../../support/cli-factory.ts'
import { type FakeRunner, type FakeScript, openFakeRunner } from '../../support/fake-api.ts'
import { fakeWorld } from '../../support/fake-world.ts'

const open: FakeRunner[] = []
afterEach(async () => {
  for (const runner of open.splice(0)) await runner.close()
})

async function helix(argv: string[], script: FakeScript) {
  const runner = await openFakeRunner(script)
  open.push(runner)
  const world = fakeWorld({ HELIX_DATA_DIR: runner.dataDir })
  return { code: await main(argv, world), ...world.written() }
}

const id = 'manual_20250627_143052'
const REPORT = {
  ...QUALITY,
  measures: [
    measure({
      target: 3,
      name: 'columns',
      value: 0.9996,
      of: 2500,
      met: false,
      missing_total: 5,
      missing: [
        { name: 'orders.note', reason: 'not_used' },
        { name: 'orders.a', reason: 'in_2_pairs' },
        { name: 'orders.b', reason: 'all_null' },
        { name: 'orders.c', reason: 'not_used' },
      ],
    }),
    measure({
      target: 15,
      name: 'retrieval',
      unit: 'text',
      value: null,
      of: null,
      met: null,
      why: 'measured_after_the_load',
    }),
  ],
  limits: [{ name: 'no_llm', detail: 'rules alone' }],
  tokens: { qa_generation: null, sql_validation: 7 },
}

function measure(changes: Record<string, unknown>) {
  const usual = { asked: '100 %', unit: 'share', value: 1, of: 1, met: true, missing: [], missing_total: 0, why: '' }
  return { ...usual, ...changes }
}

const script: FakeScript = { states: [taskAnswer()], files: { 'quality_report.json': JSON.stringify(REPORT) } }

test('helix quality shows each measure with its target, what is missing and why', async () => {
  const { code, out } = await helix(['quality', id], script)
  expect(code).toBe(0)
  const line = out.split('\n').find((text) => text.includes('columns covered')) ?? ''
  for (const text of ['100 %', '99.9 % / 2500', 'no', 'orders.note (not used)', '2 more']) expect(line).toContain(text)
  expect(out).toContain('known after the load only')
  expect(out).toContain('1 measure falls short.')
  expect(out).toContain('no language model: rules alone')
  expect(out).toContain('sql_validation 7')
})

test('helix quality speaks Chinese, and leaves no word of a reason untranslated that it knows', async () => {
  const { out } = await helix(['quality', id, '--lang', 'zh'], script)
  for (const text of ['指标', '覆盖的列', '未用到', '只出现 2 次', '加载之后才能测量', '1 项指标未达标。'])
    expect(out).toContain(text)
})

test('helix quality --json prints the report as it is', async () => {
  const { out } = await helix(['quality', id, '--json'], script)
  expect(JSON.parse(out)).toEqual(REPORT)
})

test('helix quality tells of a task that has no report yet, and when there will be one', async () => {
  const { code, out, err } = await helix(['quality', id], { states: [taskAnswer({ status: 'pending' })], files: {} })
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain('no quality report yet')
  expect(err).toContain('SQL validation writes it')
})

test('helix quality tells of a report that has no measures', async () => {
  const files = { 'quality_report.json': JSON.stringify(QUALITY) }
  const { code, err } = await helix(['quality', id], { states: [taskAnswer()], files })
  expect(code).toBe(1)
  expect(err).toContain('Another version of Helix')
})
