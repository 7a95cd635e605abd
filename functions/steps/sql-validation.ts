import { avoidedBelow, avoidedIn } from '../../shared/dataset/catalog/avoided.ts'
import { displayName } from '../../shared/dataset/catalog/catalog.ts'
import { readCatalog } from '../../shared/dataset/catalog/read-catalog.ts'
import { renderDdl } from '../../shared/dataset/documents/ddl.ts'
import { ddlByTable } from '../../shared/dataset/documents/ddl-by-table.ts'
import { datasetLanguage, tablesOption } from '../../shared/dataset/intake.ts'
import type { Pair } from '../../shared/dataset/pair.ts'
import { EMPTY_TABLES_FILE, pairsFileName, parsePairs, renderPairs } from '../../shared/dataset/pairs-file.ts'
import { renderTrainingJsonl } from '../../shared/dataset/questions/training-jsonl.ts'
import { tablesOf } from '../../shared/dataset/questions/usage.ts'
import { type CheckedPair, checkPair } from '../../shared/dataset/validation/check-pair.ts'
import { findDuplicates } from '../../shared/dataset/validation/duplicates.ts'
import { FAILURE_CLASSES } from '../../shared/dataset/validation/failure.ts'
import { measureData } from '../../shared/dataset/validation/measure-data.ts'
import { limitsThatStruck } from '../../shared/dataset/validation/quality-limits.ts'
import { buildQualityReport } from '../../shared/dataset/validation/quality-report.ts'
import { measureSharpness, sharpnessSample, totalSharpness } from '../../shared/dataset/validation/sharpness.ts'
import { volatileFunctions } from '../../shared/dataset/validation/store.ts'
import {
  type Modification,
  modificationsText,
  reportJson,
  summaryText,
} from '../../shared/dataset/validation/summary.ts'
import type { Tree } from '../../shared/dataset/validation/tree.ts'
import { VALIDATION_LIMITS } from '../../shared/dataset/validation/validate-pair.ts'
import { localTime } from '../../shared/platform/clock.ts'
import { meteredLlm } from '../../shared/platform/llm.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { openStoredSource } from '../../shared/platform/source-ref.ts'
import { stepNode } from './step-node.ts'

const BATCH = 10 // pairs of one checkpoint: a crash costs at most these
const REFUSED: ReadonlySet<string> = new Set(['refused', 'timeout', 'too_expensive', 'permission'])

/** Proves every pair on the source, mends what can be mended, and drops the rest to the report. */
export default stepNode('sql_validation', async (context, platform) => {
  const { task } = context
  const { parameters } = task
  const startedAt = platform.clock.now()
  const fileName = pairsFileName(task.dbName, task.id)
  const pairs = await originalPairs()
  await using source = await openStoredSource(platform, parameters.source)
  const catalog = await readCatalog(source, tablesOption(parameters.table_list))
  const language = datasetLanguage(
    parameters.language,
    platform.config.HELIX_LANGUAGE,
    parameters.business_context,
    catalog,
  )
  const ddl = new Map(catalog.relations.map((relation) => [displayName(relation), renderDdl(catalog, relation)]))
  const avoided = avoidedIn(task.result?.ddl_generation)
  const tools = {
    source,
    catalog,
    parser: platform.sqlParser,
    avoided,
    limits: {
      ...VALIDATION_LIMITS,
      deniedFunctions: await volatileFunctions(source),
      avoids: (tree: Tree) => {
        const name = avoidedBelow(catalog, avoided, [...tablesOf(tree, catalog)])
        return name === null ? null : `${name} was not read: ${avoided[name]}`
      },
    },
    llm: null,
    schemaText: (pair: Pair) => ddlByTable(ddl, pair.tables),
    signal: context.signal,
  }
  context.log('INFO', { zh: `开始验证 ${pairs.length} 个问答对`, en: `Validating ${pairs.length} pairs` })

  const checked = await context.forEachItem(
    batchesOf(pairs),
    (batch) => `pairs:${batch[0]?.id ?? ''}`,
    async (batch) => {
      const results = []
      for (const pair of batch) results.push(await checkPair(tools, pair))
      return results
    },
    { share: [0, 0.5] },
  )
  const results = await askModel(checked.flat())
  const { kept, duplicates } = await findDuplicates(
    platform.sqlParser,
    results.flatMap((result) => (result.kind === 'dropped' ? [] : [result.pair])),
  )
  const sharpness = await context.forEachItem(
    batchesOf(sharpnessSample(kept)),
    (batch) => `sharpness:${batch[0]?.id ?? ''}`,
    (batch) => measureSharpness(source, platform.sqlParser, batch, { catalog, signal: context.signal }),
    { share: [0.75, 0.9] },
  )

  const found = await measureData(tools, context, kept, [0.9, 1])

  const keptIds = new Set(kept.map(({ id }) => id))
  const modifications: Modification[] = [
    ...results
      .flatMap((result) => (result.kind === 'kept' ? [] : [result.modification]))
      .filter((change) => change.kind === 'dropped' || keptIds.has(change.pair.id)),
    ...duplicates.map(({ pair, of, kind }) => ({
      kind: 'dropped' as const,
      pair,
      reason: 'duplicate',
      detail: `${kind}: ${of.id}`,
    })),
  ]
  const droppedByReason: Record<string, number> = {}
  for (const { kind, reason } of modifications)
    if (kind === 'dropped') droppedByReason[reason] = (droppedByReason[reason] ?? 0) + 1
  const report = await buildQualityReport(platform.sqlParser, {
    catalog,
    pairs: kept,
    readings: found.readings,
    executed: kept.length,
    nonEmpty: kept.filter(({ rows }) => (rows ?? 0) > 0).length,
    dropped: droppedByReason,
    duplicatesRemoved: duplicates.length,
    sharpness: totalSharpness(sharpness),
    facts: found.facts,
    literals: found.literals,
    unmatchedKeys: found.unmatchedKeys,
    documentFaults: found.documentFaults,
    refusals: modifications
      .filter(({ kind, reason }) => kind === 'dropped' && REFUSED.has(reason))
      .map(({ pair, reason, detail }) => ({ name: pair.id, reason: `${reason}: ${detail.slice(0, 200)}` })),
    tokens: {
      ddl_generation: tokensOf(task.result?.ddl_generation),
      qa_generation: tokensOf(task.result?.qa_generation),
      sql_validation: totalTokens(),
    },
    limits: limitsThatStruck({
      language,
      source,
      limits: tools.limits,
      pairs: kept,
      facts: [...found.facts.values()],
      literals: found.literals,
      literalsFound: found.literalsFound,
      sharpnessSampled: sharpnessSample(kept).length,
      hasLlm: platform.llm !== null,
      pairsOnEmptyTables: await pairsOnEmptyTables(),
    }),
  })
  const finishedAt = platform.clock.now()
  const time = (at: Date) => localTime(at, platform.clock.timeZone)
  const run = {
    taskId: task.id,
    database: catalog.database,
    startedAt: time(startedAt),
    finishedAt: time(finishedAt),
    durationMs: finishedAt.getTime() - startedAt.getTime(),
    pairsRead: pairs.length,
    pairsFile: fileName,
    report,
    modifications,
  }
  await writeFiles()
  const { executed, repaired } = report
  context.log('INFO', {
    zh: `验证完成：保留 ${kept.length} 个，修复 ${repaired} 个，去除 ${pairs.length - kept.length} 个`,
    en: `Validated: ${kept.length} kept, ${repaired} of them repaired, ${pairs.length - kept.length} dropped`,
  })
  const dropped = pairs.length - kept.length
  const result = { pairs: kept.length, executed, repaired, dropped, tokens: totalTokens(), coverage: coverageOf() }
  return { result, required: [`sql_validation_${task.id}_summary.log`, 'quality_report.json'] }

  /** The pairs as they were before this step: from the copy it takes first, so that a restart reads the same. */
  async function originalPairs(): Promise<Pair[]> {
    const backup = `${fileName}.backup`
    await context.forEachItem(
      ['backup'],
      (item) => item,
      async (_, item) => {
        // To the byte: a byte order mark, or what is no UTF-8, would not outlive the way through text.
        const bytes = await context.readBytes(fileName)
        if (bytes === null) {
          throw new Problem('file_not_found', `Cannot validate ${task.id}: ${fileName} is missing`, {
            hint: 'Execute qa_generation first',
          })
        }
        await item.writeFile(backup, bytes, { type: 'json', description: 'Pairs before validation' })
      },
      { share: [0, 0] },
    )
    return parsePairs((await context.readFile(backup)) ?? '[]', fileName)
  }

  /** What the rules could not mend goes to the model, each pair checkpointed so that none is paid twice. */
  async function askModel(byRules: readonly CheckedPair[]): Promise<readonly CheckedPair[]> {
    const { llm } = platform
    if (llm === null || !parameters.enable_llm_repair) return byRules
    const broken = pairs.flatMap((pair, index) => (mayAsk(byRules[index]) ? [{ pair, index }] : []))
    const asked = await context.forEachItem(
      broken,
      ({ pair }) => `llm:${pair.id}`,
      async ({ pair }) => {
        const meter = meteredLlm(llm)
        const result = await checkPair({ ...tools, llm: meter.llm }, pair)
        return result.kind === 'kept' ? result : { ...result, tokens: meter.tokens() }
      },
      { share: [0.5, 0.75] },
    )
    return byRules.map((result, index) => asked[broken.findIndex((one) => one.index === index)] ?? result)
  }

  async function pairsOnEmptyTables(): Promise<number> {
    const text = await context.readFile(EMPTY_TABLES_FILE)
    return text === null ? 0 : parsePairs(text, EMPTY_TABLES_FILE).length
  }

  function totalTokens(): number {
    return results.reduce((sum, result) => sum + (result.kind === 'kept' ? 0 : result.tokens), 0)
  }

  async function writeFiles(): Promise<void> {
    const modified = parameters.modify_original_file
    const validated = modified ? fileName : `sql_validation_${task.id}_pairs.json`
    if (modified) {
      await context.writeFile('training_data.jsonl', renderTrainingJsonl(kept, ddl), {
        type: 'jsonl',
        description: 'Chat fine-tuning data',
      })
      await context.writeFile(`file_modifications_${task.id}.log`, modificationsText(run, language), {
        type: 'log',
        description: 'Changes of the pairs file',
      })
    }
    await context.writeFile(`sql_validation_${task.id}_report.json`, reportJson(run), {
      type: 'report',
      description: 'Validation report',
    })
    await context.writeFile('quality_report.json', `${JSON.stringify(report, null, 2)}\n`, {
      type: 'report',
      description: 'Quality report',
    })
    await context.writeFile(`sql_validation_${task.id}_summary.log`, summaryText(run, language), {
      type: 'log',
      description: 'Validation summary',
    })
    // Last: from here until the step ends its file is not what its row says, also when somebody cancels meanwhile.
    await context.writeFile(validated, renderPairs(kept), {
      type: 'json',
      description: 'Question–SQL pairs',
      primary: modified,
    })
  }

  function coverageOf(): Record<string, string> {
    const { tables, columns, foreign_keys } = report
    const share = ({ covered, total }: { covered: number; total: number }) => `${covered}/${total}`
    return { tables: share(tables), columns: share(columns), foreign_keys: share(foreign_keys) }
  }
})

function batchesOf(pairs: readonly Pair[]): (readonly Pair[])[] {
  return Array.from({ length: Math.ceil(pairs.length / BATCH) }, (_, index) =>
    pairs.slice(index * BATCH, (index + 1) * BATCH),
  )
}

/** Whether a model may still mend a pair: not one that was refused, nor one that ran and gave nothing. */
function mayAsk(result: CheckedPair | undefined): boolean {
  if (result?.kind !== 'dropped') return false
  const { reason } = result.modification
  return reason !== 'refused' && FAILURE_CLASSES.some((one) => one === reason)
}

/** What an earlier step has told of its tokens. */
function tokensOf(result: unknown): number | null {
  const told = typeof result === 'object' && result !== null && 'tokens' in result ? result.tokens : null
  return typeof told === 'number' ? told : null
}
