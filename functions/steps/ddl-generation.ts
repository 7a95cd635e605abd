import { avoidedAmong } from '../../shared/dataset/catalog/avoided.ts'
import { displayName, type Relation } from '../../shared/dataset/catalog/catalog.ts'
import type { TableProfile } from '../../shared/dataset/catalog/profile.ts'
import { profileTable } from '../../shared/dataset/catalog/profile-table.ts'
import { readCatalog } from '../../shared/dataset/catalog/read-catalog.ts'
import { renderDdl } from '../../shared/dataset/documents/ddl.ts'
import { describeRelation } from '../../shared/dataset/documents/describe.ts'
import { renderDocument } from '../../shared/dataset/documents/document.ts'
import { fileNameOf } from '../../shared/dataset/documents/file-name.ts'
import { renderMetadata } from '../../shared/dataset/documents/metadata.ts'
import { datasetLanguage, tablesOption } from '../../shared/dataset/intake.ts'
import { unsafeView } from '../../shared/dataset/validation/unsafe-view.ts'
import { localTime } from '../../shared/platform/clock.ts'
import { meteredLlm } from '../../shared/platform/llm.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { openStoredSource } from '../../shared/platform/source-ref.ts'
import { stepNode } from './step-node.ts'

/** What a table's checkpoint keeps: enough to write `metadata.txt` without reading the table again. */
type Counted = Pick<TableProfile, 'rows' | 'rowsExact' | 'unread' | 'avoided'> & { readonly tokens: number }

/** Reads the source's catalog and writes one DDL file and one document per relation. */
export default stepNode('ddl_generation', async (context, platform) => {
  const { parameters } = context.task
  await using source = await openStoredSource(platform, parameters.source)
  const catalog = await readCatalog(source, tablesOption(parameters.table_list))
  const { relations } = catalog
  if (relations.length === 0)
    throw new Problem('source_empty', `The source "${source.name}" has no table that this user may read`)
  const language = datasetLanguage(
    parameters.language,
    platform.config.HELIX_LANGUAGE,
    parameters.business_context,
    catalog,
  )
  const inferred = catalog.foreignKeys.filter((key) => key.inferred === true).length
  const declared = catalog.foreignKeys.length - inferred
  context.log('INFO', {
    zh: `数据库 ${catalog.database}：${relations.length} 张表或视图，${declared} 个外键，另推断出 ${inferred} 个`,
    en: `Database ${catalog.database}: ${relations.length} tables and views, ${declared} foreign keys, ${inferred} more inferred`,
  })

  const counted = await context.forEachItem(relations, displayName, async (relation, item): Promise<Counted> => {
    context.log('INFO', { zh: `开始处理表: ${displayName(relation)}`, en: `Reading table ${displayName(relation)}` })
    const profile = await profileTable(source, relation, (await unsafeView(platform.sqlParser, relation)) ?? undefined)
    if (profile.unread !== undefined) {
      context.log('WARNING', {
        zh: `未能读取 ${displayName(relation)} 的数据：${profile.unread}`,
        en: `The data of ${displayName(relation)} could not be read: ${profile.unread}`,
      })
    }
    const { meanings, tokens } = await describe(relation, profile, item.signal)
    await item.writeFile(fileNameOf(relation, '.ddl', relations), renderDdl(catalog, relation), {
      type: 'ddl',
      description: `DDL: ${displayName(relation)}`,
    })
    await item.writeFile(
      fileNameOf(relation, '_detail.md', relations),
      renderDocument(catalog, relation, profile, { language, ...(meanings === null ? {} : { meanings }) }),
      { type: 'md', description: `Document: ${displayName(relation)}` },
    )
    const { columns: _, ...rest } = profile
    return { ...rest, tokens }
  })

  const entries = relations.map((relation, index) => ({ relation, rows: 0, rowsExact: false, ...counted[index] }))
  const when = localTime(platform.clock.now(), platform.clock.timeZone)
  await context.writeFile('metadata.txt', renderMetadata(catalog, entries, when), {
    type: 'txt',
    description: 'Metadata',
  })
  const required = relations.flatMap((relation) => [
    fileNameOf(relation, '.ddl', relations),
    fileNameOf(relation, '_detail.md', relations),
  ])
  const tokens = counted.reduce((sum, table) => sum + table.tokens, 0)
  const avoided = avoidedAmong(relations, counted)
  const result = {
    tables: relations.length,
    foreign_keys: declared,
    inferred_keys: inferred,
    avoided,
    tokens,
    language,
  }
  return { result, required: [...required, 'metadata.txt'] }

  /** The model's words, where there is one; without its answer the document is written from names and statistics. */
  async function describe(relation: Relation, profile: TableProfile, signal: AbortSignal) {
    if (platform.llm === null) return { meanings: null, tokens: 0 }
    const { llm, tokens } = meteredLlm(platform.llm)
    try {
      const about = parameters.business_context ?? catalog.database
      const meanings = await describeRelation(llm, catalog, relation, profile, about, language, signal)
      return { meanings, tokens: tokens() }
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.code !== 'llm_failed') throw thrown
      const name = displayName(relation)
      context.log('WARNING', {
        zh: `大模型未能说明表 ${name}，改用规则生成：${thrown.message}`,
        en: `The language model did not describe ${name}; written from names and statistics: ${thrown.message}`,
      })
      return { meanings: null, tokens: tokens() }
    }
  }
})
