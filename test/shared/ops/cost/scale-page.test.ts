import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { estimate } from '../../../../shared/ops/cost/estimate.ts'
import { scenarioOf } from '../../../../shared/ops/cost/scenario.ts'
import { simulate } from '../../../../shared/ops/cost/simulate.ts'
import { PLATFORMS, type PlatformName, ROUND_TRIP_MS } from '../../../../shared/ops/cost/workload.ts'
import { workload } from '../../../support/workload-factory.ts'

const page = (language: string) =>
  readFileSync(new URL(`../../../../docs/scale${language}.md`, import.meta.url), 'utf8')

/** The cells of the first row that begins so, without what makes them bold. */
function row(text: string, start: string): string[] {
  const line = text.split('\n').find((one) => one.startsWith(`| ${start}`))
  if (line === undefined) throw new Error(`No row of the page begins with "${start}"`)
  return line.replaceAll('*', '').split(' | ').slice(1)
}

/** As many figures as the page tells. */
const rounded = (value: number, figures: number) => Number(value.toPrecision(figures)).toLocaleString('en-US')

const RATES = [1, 100, 10_000]
const atRate = (platform: PlatformName) => (tasksPerMinute: number) =>
  estimate(workload({ tasksPerMinute, roundTripMs: ROUND_TRIP_MS[platform] }), platform)

describe.each([
  [
    'English',
    '',
    { container: '**Containers**', cpu: 'processor time of the store', full: /about (\d+) tasks a minute/ },
  ],
  ['Chinese', '.zh-CN', { container: '**容器**', cpu: '存储的处理器时间', full: /每分钟大约能跑 (\d+) 个任务/ }],
] as const)('the page of scale in %s', (_, language, words) => {
  const text = page(language)

  test.each(PLATFORMS)('tells what the estimate says of a month on %s', (platform) => {
    const starts = { cloudflare: '**Cloudflare**', aws: '**AWS Lambda**', container: words.container }
    const told = row(text, starts[platform]).map((cell) => cell.replace(/ ?\|$/, ''))
    expect(told).toEqual(RATES.map(atRate(platform)).map(({ dollarsPerMonth }) => `$${rounded(dollarsPerMonth, 3)}`))
  })

  test("tells how many tasks fill the store's processor, and how much one takes of it", () => {
    const { task, limits } = atRate('cloudflare')(100)
    const full = limits.find(({ name }) => name === 'store_cpu')?.tasksPerMinuteMax ?? 0
    expect(Number(words.full.exec(text)?.[1])).toBe(Number(full.toPrecision(2)))
    expect(Number.parseFloat(row(text, words.cpu)[0] ?? '')).toBe(Math.round(task.storeCpuMs))
  })

  test('tells what the simulation with its seed ends a minute', () => {
    for (const tasksPerMinute of [100, 530, 1_000]) {
      const ended = simulate(scenarioOf(workload({ tasksPerMinute }), 'cloudflare', 10, 1)).tasksPerMinute
      expect(text).toContain(`| ${tasksPerMinute.toLocaleString('en-US')} | ${Math.round(ended)} | `)
    }
  })
})

test('both pages of scale have the same tables but for their words', () => {
  const figures = (text: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith('| ') && !/[万亿]|million|billion/.test(line))
      .map((line) => line.replaceAll(/[（）]/g, ' ').match(/\d+(,\d{3})*(\.\d+)?/g) ?? [])
  expect(figures(page('.zh-CN')).map((line) => line.toSorted())).toEqual(
    figures(page('')).map((line) => line.toSorted()),
  )
})
