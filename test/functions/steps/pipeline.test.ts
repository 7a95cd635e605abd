import { describe, expect, test } from 'vitest'
import type { Pair } from '../../../shared/dataset/pair.ts'
import { LOAD_BATCH_MAX } from '../../../shared/dataset/training/load.ts'
import { readText } from '../../../shared/platform/files.ts'
import { deliverAll } from '../../support/engine-kit.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { pipelineKit, TASKS } from '../../support/pipeline-kit.ts'
import type { TestPlatform } from '../../support/test-platform.ts'
import { tinyEmbedder } from '../../support/tiny-embedder.ts'

const kit = pipelineKit()

async function filesOf(platform: TestPlatform, id: string): Promise<string[]> {
  const { body } = await kit.call(platform, 'GET', `${TASKS}/${id}/files`)
  return body.data.files.map((file: { file_name: string }) => file.file_name)
}

describe('step by step', () => {
  test('each step leaves its files, a step out of order is refused, and a re-run replaces its own files only', async () => {
    const platform = await kit.openPlatform()
    const created = await kit.call(platform, 'POST', TASKS, {
      task_type: 'data_workflow',
      business_context: '在线商城',
      db_name: 'shop',
      enable_sql_validation: true,
      enable_llm_repair: true,
      modify_original_file: true,
      enable_training_data_load: true,
    })
    const id = 'task_20250627_143052'
    expect(created).toEqual({
      status: 201,
      body: {
        success: true,
        message: '任务创建成功',
        data: {
          task_id: id,
          status: 'pending',
          output_directory: expect.stringMatching(new RegExp(`/${id}$`)),
          step_status: {
            ddl_generation: 'pending',
            qa_generation: 'pending',
            sql_validation: 'pending',
            training_load: 'pending',
          },
          created_at: '2025-06-27T14:30:52',
        },
      },
    })
    const early = await kit.call(platform, 'POST', `${TASKS}/${id}/execute`, { step: 'qa_generation' })
    expect(early).toMatchObject({ status: 409, body: { success: false, code: 'step_dependency_unmet' } })
    expect(early.body.detail).toContain('ddl_generation')

    const started = await kit.call(platform, 'POST', `${TASKS}/${id}/execute`, {
      step: 'ddl_generation',
      force_execute: false,
      clean_previous: true,
    })
    expect(started).toEqual({
      status: 202,
      body: {
        success: true,
        message: '步骤执行已启动',
        data: {
          execution_id: `${id}_step_ddl_generation_exec_20250627143052`,
          task_id: id,
          step: 'ddl_generation',
          status: 'running',
          started_at: '2025-06-27T14:30:52',
        },
      },
    })
    expect(await deliverAll(platform)).toEqual([200])
    for (const step of ['qa_generation', 'sql_validation', 'training_load']) {
      expect((await kit.call(platform, 'POST', `${TASKS}/${id}/execute`, { step })).status).toBe(202)
      expect(await deliverAll(platform)).toEqual([200])
    }
    const { body: done } = await kit.call(platform, 'GET', `${TASKS}/${id}`)
    expect(done.data).toMatchObject({ status: 'completed', progress: 100, current_execution: null })
    const { body: history } = await kit.call(platform, 'GET', `${TASKS}/${id}/executions`)
    expect(history.data.executions).toMatchObject([
      { step: 'ddl_generation', status: 'completed', duration: 0, force_executed: false, files_cleaned: true },
      { step: 'qa_generation', status: 'completed', duration: 0, force_executed: false, files_cleaned: false },
      { step: 'sql_validation', status: 'completed' },
      { step: 'training_load', status: 'completed' },
    ])

    const before = await readText(platform.files, `${id}/customer.ddl`)
    await kit.call(platform, 'POST', `${TASKS}/${id}/execute`, { step: 'qa_generation', clean_previous: true })
    await deliverAll(platform)
    const { body: rerun } = await kit.call(platform, 'GET', `${TASKS}/${id}`)
    expect(rerun.data).toMatchObject({
      status: 'partial_completed',
      progress: 70,
      step_status: { qa_generation: 'completed', sql_validation: 'pending', training_load: 'pending' },
    })
    expect(await readText(platform.files, `${id}/customer.ddl`)).toBe(before)
    expect(await filesOf(platform, id)).toContain(`qs_shop_${id}_pair.json`)
  })
})

describe('the complete workflow', () => {
  test('turns a database into validated, loaded training data', async () => {
    const platform = await kit.openPlatform()
    const started = await kit.call(platform, 'POST', `${TASKS}/execute-complete`, {
      task_type: 'complete_workflow',
      db_name: 'shop',
    })
    const id = 'task_20250627_143052'
    expect(started.body).toEqual({
      success: true,
      message: '完整工作流执行已启动',
      data: {
        task_id: id,
        execution_id: `${id}_step_complete_exec_20250627143052`,
        status: 'running',
        started_at: '2025-06-27T14:30:52',
      },
    })
    expect(await deliverAll(platform)).toEqual([200])
    expect((await kit.call(platform, 'GET', `${TASKS}/${id}`)).body.data).toMatchObject({
      status: 'completed',
      progress: 100,
    })
    expect((await filesOf(platform, id)).toSorted()).toEqual(
      [
        'Order.ddl',
        'Order_detail.md',
        'customer.ddl',
        'customer_detail.md',
        'data_pipeline.log',
        `file_modifications_${id}.log`,
        'metadata.txt',
        'never_used.ddl',
        'never_used_detail.md',
        'paid_orders.ddl',
        'paid_orders_detail.md',
        'pairs_on_empty_tables.json',
        'product.ddl',
        'product_detail.md',
        `qs_shop_${id}_pair.json`,
        `qs_shop_${id}_pair.json.backup`,
        'quality_report.json',
        `sql_validation_${id}_report.json`,
        `sql_validation_${id}_summary.log`,
        'task_config.json',
        'task_result.json',
        'training_data.jsonl',
        `training_load_${id}.log`,
      ].toSorted(),
    )
    const report = JSON.parse((await readText(platform.files, `${id}/quality_report.json`)) ?? '{}')
    expect(report).toMatchObject({
      repaired: 0,
      tables: { covered: 3, total: 4 },
      foreign_keys: { covered: 3, total: 3 },
    })
    expect(report.executed).toBe(report.pairs)
    expect(report.tables.missing).toEqual([{ name: 'never_used', reason: expect.any(String) }])
    const pairs = JSON.parse((await readText(platform.files, `${id}/qs_shop_${id}_pair.json`)) ?? '[]') as Pair[]
    expect(pairs).toHaveLength(report.pairs)
    expect(pairs.length).toBeGreaterThanOrEqual(40)
    for (const { sql } of pairs) {
      const { rows } = await kit.shop.read(sql, { rowsMax: 5, bytesMax: 100_000, timeoutMs: 5_000 })
      expect(rows.length).toBeGreaterThan(0)
    }
    const { rows } = await kit.store.query<{ name: string; items: number }>(
      `select c.name, count(*)::int as items from langchain_pg_embedding e join langchain_pg_collection c on c.uuid = e.collection_id group by 1 order by 1`,
    )
    expect(rows).toEqual([
      { name: 'ddl', items: 5 },
      { name: 'documentation', items: 5 },
      { name: 'sql', items: pairs.length },
    ])
  })

  test('passes the verification queries of the clean-up procedure as they are written', async () => {
    const platform = await kit.openPlatform()
    await kit.call(platform, 'POST', `${TASKS}/execute-complete`, { db_name: 'shop' })
    await deliverAll(platform)
    const orphans = `SELECT a.id, a.task_id, a.name
      FROM artifacts a
      LEFT JOIN tasks t ON a.task_id = t.id
      WHERE t.id IS NULL`
    const unproductive = `SELECT t.id, t.status, t.agent_id,
             CASE WHEN a.id IS NOT NULL THEN 'HAS_ARTIFACT' ELSE 'NO_ARTIFACT' END as artifact_status
      FROM tasks t
      LEFT JOIN artifacts a ON t.id = a.task_id
      WHERE t.status = 'COMPLETED' AND a.id IS NULL`
    expect((await kit.store.query(orphans)).rows).toEqual([])
    expect((await kit.store.query(unproductive)).rows).toEqual([])
    expect((await kit.store.query(`select from tasks where status = 'COMPLETED'`)).rowCount).toBe(4)
  })

  test('gives the same pairs byte for byte when it runs again, and loads nothing twice', async () => {
    const platform = await kit.openPlatform()
    const texts = []
    for (const id of ['task_20250627_143052', 'task_20250627_143052_2']) {
      await kit.call(platform, 'POST', `${TASKS}/execute-complete`, { db_name: 'shop' })
      await deliverAll(platform)
      texts.push(await readText(platform.files, `${id}/qs_shop_${id}_pair.json`))
      expect((await kit.call(platform, 'GET', `${TASKS}/${id}`)).body.data.status).toBe('completed')
    }
    expect(texts[1]).toBe(texts[0])
    const { body } = await kit.call(platform, 'GET', `${TASKS}/task_20250627_143052_2`)
    expect(body.data.result.training_load).toMatchObject({ inserted: 0, removed: 0, reembedded: 0 })
  })

  test('counts what it loads over all slices of the step', async () => {
    const clock = manualClock()
    const embedder = tinyEmbedder()
    const platform = await kit.openPlatform({
      clock,
      env: { HELIX_SLICE_SECONDS: '2' },
      embedder: {
        ...embedder,
        embed: async (texts, signal) => {
          await clock.advance(3_000) // a slice ends after each batch
          return await embedder.embed(texts, signal)
        },
      },
    })
    await kit.call(platform, 'POST', `${TASKS}/execute-complete`, { db_name: 'shop' })
    await deliverAll(platform)
    const [newest] = (await kit.call(platform, 'GET', TASKS)).body.data.tasks
    const { data } = (await kit.call(platform, 'GET', `${TASKS}/${newest.task_id}`)).body
    expect(data.status).toBe('completed')
    const loaded = (await kit.store.query('select from langchain_pg_embedding')).rowCount
    expect(loaded).toBeGreaterThan(LOAD_BATCH_MAX)
    expect(data.result.training_load).toMatchObject({ inserted: loaded, unchanged: 0, removed: 0 })
  })
})
