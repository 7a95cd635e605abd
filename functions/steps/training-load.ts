import { displayName } from '../../shared/dataset/catalog/catalog.ts'
import { readCatalog } from '../../shared/dataset/catalog/read-catalog.ts'
import { matchTables } from '../../shared/dataset/catalog/relation-names.ts'
import { fileNameOf } from '../../shared/dataset/documents/file-name.ts'
import { datasetLanguage } from '../../shared/dataset/intake.ts'
import { pairsFileName, parsePairs } from '../../shared/dataset/pairs-file.ts'
import { ddlItem, documentationItem, pairItem, type TrainingItem } from '../../shared/dataset/training/items.ts'
import { LOAD_BATCH_MAX, loadBatch, planLoad, reembedItems, removeStale } from '../../shared/dataset/training/load.ts'
import { loadLogText } from '../../shared/dataset/training/load-log.ts'
import { existingItems } from '../../shared/dataset/training/loaded-store.ts'
import { vectorKind } from '../../shared/dataset/training/store.ts'
import { localTime } from '../../shared/platform/clock.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { openStoredSource } from '../../shared/platform/source-ref.ts'
import { stepNode } from './step-node.ts'

const NOTHING = { insertIds: [], staleIds: [], unchanged: 0 }

/** Loads DDL, documents and valid pairs into the training store; what is there already stays as it is. */
export default stepNode('training_load', async (context, platform) => {
  const { task, signal } = context
  const { store, embedder, clock } = platform
  const startedAt = clock.now()
  await using source = await openStoredSource(platform, task.parameters.source)
  const catalog = await readCatalog(source)
  const relations = matchTables(catalog, task.parameters.table_list ?? catalog.relations.map(displayName)).found
  const language = datasetLanguage(
    task.parameters.language,
    platform.config.HELIX_LANGUAGE,
    task.parameters.business_context,
    catalog,
  )
  const items = [...(await schemaItems()), ...(await pairItems())]
  const tables = relations.map(displayName)
  const scope = { tables, sourceTables: catalog.relations.map(displayName) }
  // Made once per execution: a later slice would take what an earlier one has loaded for what was there before.
  const [{ insertIds, staleIds, unchanged } = NOTHING] = await context.forEachItem(
    [context.execution.executionId],
    (id) => `plan:${id}`,
    async () => {
      const { insert, ...rest } = planLoad(items, await existingItems(store, task.dbName), scope)
      return { ...rest, insertIds: insert.map(({ id }) => id) }
    },
    { share: [0, 0] },
  )
  context.log('INFO', {
    zh: `${items.length} 条训练数据，其中 ${insertIds.length} 条需要加载`,
    en: `${items.length} training items, ${insertIds.length} of them new`,
  })

  const itemsById = new Map(items.map((item) => [item.id, item]))
  const insert = insertIds.flatMap((id) => itemsById.get(id) ?? [])
  const batches = Array.from({ length: Math.ceil(insert.length / LOAD_BATCH_MAX) }, (_, index) =>
    insert.slice(index * LOAD_BATCH_MAX, (index + 1) * LOAD_BATCH_MAX),
  )
  const counts = await context.forEachItem(
    batches,
    (batch) => `batch:${batch[0]?.id ?? ''}:${batch.length}`,
    (batch) => loadBatch(store, embedder, { taskId: task.id, at: clock.now(), signal }, batch),
    { concurrency: 1 },
  )
  const removed = await removeStale(store, { staleIds })
  const reembedded = await reembedItems(store, embedder, { at: clock.now(), signal })
  const inserted = counts.reduce((sum, count) => sum + count, 0)
  const answer = { inserted, unchanged, removed, reembedded }
  const vectorType = await vectorKind(store)
  if (vectorType === 'real[]') {
    context.log('WARNING', {
      zh: '存储库没有 vector 类型：向量以 real[] 保存并精确比较',
      en: 'The store has no vector type: vectors are kept as real[] and compared exactly',
    })
  }
  const count = (kind: TrainingItem['kind']) => items.filter((item) => item.kind === kind).length
  const time = (at: Date) => localTime(at, clock.timeZone)
  const run = {
    taskId: task.id,
    source: task.dbName,
    startedAt: time(startedAt),
    finishedAt: time(clock.now()),
    model: embedder.model,
    dimension: embedder.dimension,
    vectorType,
    items: { sql: count('sql'), ddl: count('ddl'), documentation: count('documentation') },
    answer,
  }
  const log = `training_load_${task.id}.log`
  await context.writeFile(log, loadLogText(run, language), { type: 'log', description: 'Training load' })
  return { result: { ...run.items, ...answer, vector_type: vectorType, model: embedder.model }, required: [log] }

  async function schemaItems(): Promise<TrainingItem[]> {
    const found: TrainingItem[] = []
    for (const relation of relations) {
      const ddl = await required(fileNameOf(relation, '.ddl', catalog.relations))
      const document = await required(fileNameOf(relation, '_detail.md', catalog.relations))
      found.push(await ddlItem(task.dbName, displayName(relation), ddl))
      found.push(await documentationItem(task.dbName, displayName(relation), document))
    }
    return found
  }

  /** The validated pairs: in the pairs file, or beside it where that was to stay as it is. */
  async function pairItems(): Promise<TrainingItem[]> {
    const pairsFile = pairsFileName(task.dbName, task.id)
    const beside = `sql_validation_${task.id}_pairs.json`
    const name =
      task.parameters.modify_original_file || task.stepStatus.sql_validation !== 'completed' ? pairsFile : beside
    const validated = task.stepStatus.sql_validation !== 'skipped'
    const loadable = ({ status }: { status?: string }) =>
      validated ? status === 'valid' || status === 'repaired' : status !== 'invalid'
    const pairs = parsePairs(await required(name), name).filter(loadable)
    return await Promise.all(pairs.map((pair) => pairItem(task.dbName, pair)))
  }

  async function required(name: string): Promise<string> {
    const text = await context.readFile(name)
    if (text !== null) return text
    throw new Problem('file_not_found', `Cannot load ${task.id}: ${name} is missing`, {
      hint: 'Execute the step that writes it again',
    })
  }
})
