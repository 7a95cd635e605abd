import { beforeAll, expect, test } from 'vitest'
import { readText } from '../../../shared/platform/files.ts'
import { Problem } from '../../../shared/platform/problems.ts'
import type { Source } from '../../../shared/platform/source.ts'
import { deliverAll } from '../../support/engine-kit.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { pipelineKit, TASKS } from '../../support/pipeline-kit.ts'
import { sourcesOf } from '../../support/test-platform.ts'

const kit = pipelineKit()
let undisturbed: Awaited<ReturnType<typeof generate>>

beforeAll(async () => {
  undisturbed = await generate(async (_, read) => await read())
})

test('questions are the same byte for byte when a proof fails half-way, and no token is counted without a model', async () => {
  expect(undisturbed).toMatchObject({ claims: 1, attempt: 0, result: { tokens: 0 } })
  const failing = await generate(async (proof, read) => {
    if (proof === 2) throw new Problem('source_unreachable', 'The source is gone for a moment')
    return await read()
  })
  expect(failing.attempt).toBe(1)
  expect(failing.pairs).toBe(undisturbed.pairs)
  expect(failing.result).toEqual(undisturbed.result)
})

test('questions are the same byte for byte when every slice ends between two proofs, and none is proved twice', async () => {
  const sliced = await generate(async (_, read, clock) => {
    await clock.advance(3_000)
    return await read()
  })
  expect(sliced.claims).toBeGreaterThan(1)
  expect(sliced.pairs).toBe(undisturbed.pairs)
  expect(sliced.proofs.toSorted()).toEqual(undisturbed.proofs.toSorted())
})

type Answer = ReturnType<Source['read']>
type Disturb = (proof: number, read: () => Answer, clock: ReturnType<typeof manualClock>) => Answer

/** Generates questions while something happens to each proof, counted from 1. */
async function generate(disturb: Disturb) {
  const clock = manualClock()
  const proofs: string[] = []
  const source: Source = {
    ...kit.shop,
    read: (sql, limits) => {
      if (!sql.includes(' as statement')) return kit.shop.read(sql, limits)
      return disturb(proofs.push(sql), () => kit.shop.read(sql, limits), clock)
    },
  }
  const sources = sourcesOf([{ name: 'shop', open: async () => source }])
  await using platform = await kit.openPlatform({ clock, sources, env: { HELIX_SLICE_SECONDS: '2' } })
  const created = await kit.call(platform, 'POST', TASKS, { db_name: 'shop', language: 'en' })
  const id: string = created.body.data.task_id
  for (const step of ['ddl_generation', 'qa_generation']) {
    await kit.call(platform, 'POST', `${TASKS}/${id}/execute`, { step })
    await deliverAll(platform)
  }
  const { rows } = await kit.store.query<{ status: string; claim: number; attempt: number; result: object }>(
    `select status, claim, attempt, execution_result as result from data_pipeline_task_executions
      where task_id = $1 and execution_step = 'qa_generation'`,
    [id],
  )
  expect(rows).toMatchObject([{ status: 'completed' }])
  const pairs = await readText(platform.files, `${id}/qs_shop_${id}_pair.json`)
  return { pairs, proofs, claims: rows[0]?.claim, attempt: rows[0]?.attempt, result: rows[0]?.result }
}
