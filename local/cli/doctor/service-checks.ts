import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import { readCatalog } from '../../../shared/dataset/catalog/read-catalog.ts'
import { openAiEmbedder, openAiLlm } from '../../../shared/platform/openai.ts'
import { postgresStore, serverPool } from '../../../shared/platform/postgres-store.ts'
import type { SourceSummary, Sources } from '../../../shared/platform/source.ts'
import type { Store } from '../../../shared/platform/store.ts'
import { openEmbeddedStore } from '../../drivers/embedded-store.ts'
import { localSources } from '../../drivers/local-sources.ts'
import { sentenceEmbedder } from '../../drivers/sentence-embedder.ts'
import { systemClock } from '../../drivers/system-clock.ts'
import { templateCacheDir } from '../../drivers/template-cache.ts'
import { holdDataDir } from '../../runner/data-dir.ts'
import { type Check, type Finding, failed, type Patient } from './check.ts'

const LLM_MS_MAX = 30_000

const LOOK_AT_STORE = `
  select current_setting('server_version') as version,
         exists (select from pg_type where typname = 'vector') as vector,
         exists (select from pg_available_extensions where name = 'vector') as available`

export const storeCheck: Check = {
  name: { zh: '存储', en: 'Store' },
  async examine(patient) {
    const { config, runnerUrl } = patient
    if (config.DATABASE_URL !== undefined) return await examineServer(patient, config.DATABASE_URL)
    return runnerUrl === null ? await examineEmbedded(patient) : await askRunner(patient, runnerUrl)
  },
}

export const sourcesCheck: Check = {
  name: { zh: '数据源', en: 'Source' },
  async examine(patient) {
    const { config } = patient
    const sources = localSources({ config, dataDir: resolve(config.HELIX_DATA_DIR) })
    try {
      return await Promise.all(sources.list().map((source) => examineSource(patient, sources, source)))
    } finally {
      await sources.close()
    }
  },
}

export const embedderCheck: Check = {
  name: { zh: '向量模型', en: 'Embedder' },
  async examine(patient) {
    const {
      HELIX_EMBEDDING_BASE_URL: baseUrl,
      HELIX_EMBEDDING_MODEL: model,
      HELIX_EMBEDDING_API_KEY: apiKey,
    } = patient.config
    const remote = baseUrl !== undefined && model !== undefined
    const embedder = remote
      ? openAiEmbedder({ baseUrl, model, clock: systemClock(), ...(apiKey === undefined ? {} : { apiKey }) })
      : sentenceEmbedder()
    try {
      const [vector] = await embedder.embed(['How many orders were there?'])
      return { status: 'ok', detail: `${embedder.model}, ${vector?.length ?? 0}` }
    } catch (error) {
      const next = remote
        ? {
            zh: '检查 HELIX_EMBEDDING_BASE_URL、_MODEL、_API_KEY',
            en: 'Check HELIX_EMBEDDING_BASE_URL, _MODEL and _API_KEY',
          }
        : { zh: '重新运行 `npm ci`', en: 'Run `npm ci` again' }
      return failed(error, patient, patient.say(next))
    }
  },
}

export const llmCheck: Check = {
  name: { zh: '大模型', en: 'Language model' },
  async examine(patient) {
    const { HELIX_LLM_BASE_URL: baseUrl, HELIX_LLM_MODEL: model, HELIX_LLM_API_KEY: apiKey } = patient.config
    if (baseUrl === undefined || model === undefined) {
      const detail = patient.say({ zh: '未配置，使用内置生成器', en: 'none; the built-in generator is used' })
      return { status: 'ok', detail }
    }
    const llm = openAiLlm({ baseUrl, model, clock: systemClock(), ...(apiKey === undefined ? {} : { apiKey }) })
    try {
      await llm.complete({
        system: 'You check a connection.',
        prompt: 'Answer {"ok": true}.',
        schema: z.object({ ok: z.boolean() }),
        schemaName: 'check',
        signal: AbortSignal.timeout(LLM_MS_MAX),
      })
      return { status: 'ok', detail: model }
    } catch (error) {
      const next = {
        zh: '检查 HELIX_LLM_BASE_URL、_MODEL、_API_KEY',
        en: 'Check HELIX_LLM_BASE_URL, _MODEL and _API_KEY',
      }
      return failed(error, patient, patient.say(next))
    }
  },
}

async function examineServer(patient: Patient, url: string): Promise<Finding> {
  const store = postgresStore({ pool: serverPool(url), kind: 'server' })
  try {
    return await lookAt(store, patient)
  } catch (error) {
    return failed(error, patient)
  } finally {
    await store.close()
  }
}

async function examineEmbedded(patient: Patient): Promise<Finding> {
  const dataDir = resolve(patient.config.HELIX_DATA_DIR)
  const dir = join(dataDir, 'store')
  if (!existsSync(dir)) {
    return {
      status: 'ok',
      detail: patient.say({ zh: '内置 Postgres，首次使用时创建', en: 'embedded Postgres, made on first use' }),
    }
  }
  try {
    const held = await holdDataDir(dataDir)
    try {
      const { store } = await openEmbeddedStore(dir, await templateCacheDir(dataDir))
      return await lookAt(store, patient).finally(() => store.close())
    } finally {
      await held.release()
    }
  } catch (error) {
    return failed(error, patient)
  }
}

async function askRunner(patient: Patient, url: string): Promise<Finding> {
  try {
    const { ok, status } = await fetch(`${url}/api/v1/health`)
    const detail = patient.say({
      zh: `内置 Postgres，由 ${url} 的运行器打开`,
      en: `embedded Postgres, opened by the runner at ${url}`,
    })
    if (ok) return { status: 'ok', detail }
    const next = patient.say({ zh: '查看运行器的日志', en: "Look into the runner's log" })
    return { status: 'fail', detail: `${url}/api/v1/health: ${status}`, next }
  } catch (error) {
    return failed(error, patient, patient.say({ zh: '重新启动运行器', en: 'Start the runner again' }))
  }
}

async function lookAt(store: Store, { say }: Patient): Promise<Finding> {
  const { rows } = await store.query<{ version: string; vector: boolean; available: boolean }>(LOOK_AT_STORE)
  const { version = '', vector = false, available = false } = rows[0] ?? {}
  const kind = store.kind === 'embedded' ? say({ zh: '内置 Postgres', en: 'embedded Postgres' }) : 'Postgres'
  if (vector || available) return { status: 'ok', detail: `${kind} ${version}, pgvector` }
  return {
    status: 'warn',
    detail: say({
      zh: `${kind} ${version}，没有 pgvector：向量以 real[] 保存并精确比较`,
      en: `${kind} ${version}, without pgvector: vectors are kept as real[] and compared exactly`,
    }),
    next: say({
      zh: '安装 pgvector 后 Vanna 才能直接使用此存储',
      en: 'Install pgvector, so that Vanna can read this store',
    }),
  }
}

async function examineSource(patient: Patient, sources: Sources, summary: SourceSummary): Promise<Finding> {
  const { name, kind, address } = summary
  const { say } = patient
  if (kind === 'sample') {
    const detail = say({ zh: `内置示例 ${name}`, en: `the bundled sample ${name}` })
    return {
      status: 'ok',
      detail: `${detail}${say({ zh: '；自己的数据库用 HELIX_SOURCE_<NAME>_URL 配置', en: '; HELIX_SOURCE_<NAME>_URL adds your own' })}`,
    }
  }
  try {
    await using source = await sources.open({ name })
    const { relations } = await readCatalog(source)
    const detail = say({
      zh: `${name}（${address}），${relations.length} 张表和视图`,
      en: `${name} (${address}), ${relations.length} tables and views`,
    })
    if (relations.length > 0) return { status: 'ok', detail }
    return {
      status: 'fail',
      detail,
      next: say({ zh: '授予该用户 SELECT 权限', en: 'Grant SELECT on the tables to that user' }),
    }
  } catch (error) {
    const variable = `HELIX_SOURCE_${name.toUpperCase()}_URL`
    const found = failed(error, patient, say({ zh: `检查 ${variable}`, en: `Check ${variable}` }))
    return { ...found, detail: `${name} (${address}): ${found.detail}` }
  }
}
