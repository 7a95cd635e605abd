import { avoidedBelow, avoidedIn } from '../../shared/dataset/catalog/avoided.ts'
import { displayName } from '../../shared/dataset/catalog/catalog.ts'
import { profileTable } from '../../shared/dataset/catalog/profile-table.ts'
import { readCatalog } from '../../shared/dataset/catalog/read-catalog.ts'
import { renderDdl } from '../../shared/dataset/documents/ddl.ts'
import { datasetLanguage, tablesOption } from '../../shared/dataset/intake.ts'
import type { Pair } from '../../shared/dataset/pair.ts'
import { EMPTY_TABLES_FILE, pairsFileName, renderPairs } from '../../shared/dataset/pairs-file.ts'
import { askTopic } from '../../shared/dataset/questions/ask-topic.ts'
import type { Candidate } from '../../shared/dataset/questions/classify.ts'
import { generatePairs } from '../../shared/dataset/questions/generate-pairs.ts'
import { chooseProven, PROOF_ROUNDS_MAX, type Prove, verdictsOf } from '../../shared/dataset/questions/prove-pairs.ts'
import { keptOfPart } from '../../shared/dataset/questions/select-pairs.ts'
import { standingOf } from '../../shared/dataset/questions/standing.ts'
import { planTopics } from '../../shared/dataset/questions/topics.ts'
import { renderTrainingJsonl } from '../../shared/dataset/questions/training-jsonl.ts'
import { type Loaded, readLoaded } from '../../shared/dataset/training/loaded.ts'
import { volatileFunctions } from '../../shared/dataset/validation/store.ts'
import { meteredLlm } from '../../shared/platform/llm.ts'
import { openStoredSource } from '../../shared/platform/source-ref.ts'
import { stepNode } from './step-node.ts'

const TOPICS = 10 // of one checkpoint: seconds of computing
const PROOFS = 20 // of one checkpoint: a second of short statements
const DRAFTED = 0.85 // of the progress; the rest is for proofs
const NOTHING: Loaded = { tables: [], pairs: [] }
const SEED = 1 // one for all: the same catalog and data give byte-identical pairs

/** Writes question–SQL pairs: of the built-in generator, and of the language model where there is one. */
export default stepNode('qa_generation', async (context, platform) => {
  const { task, signal } = context
  const { parameters } = task
  const { llm, sqlParser, clock } = platform
  await using source = await openStoredSource(platform, parameters.source)
  const catalog = await readCatalog(source, tablesOption(parameters.table_list))
  const language = datasetLanguage(
    parameters.language,
    platform.config.HELIX_LANGUAGE,
    parameters.business_context,
    catalog,
  )
  const ddl = new Map(catalog.relations.map((relation) => [displayName(relation), renderDdl(catalog, relation)]))
  // What is loaded may change while this task goes on: a resumed run chooses by the same.
  const [loaded = NOTHING] = await context.forEachItem(
    ['loaded'],
    (item) => item,
    () => readLoaded(platform.store, task.dbName, ddl, language),
    { share: [0, 0] },
  )
  const loadedIds = new Set(loaded.pairs.map(({ id }) => id))
  const avoided = avoidedIn(task.result?.ddl_generation)
  const profiled = await context.forEachItem(
    catalog.relations,
    (relation) => `profile:${displayName(relation)}`,
    (relation) => {
      context.log('DEBUG', { zh: `采样 ${displayName(relation)}`, en: `Sampling ${displayName(relation)}` })
      return profileTable(source, relation, avoided[displayName(relation)])
    },
    { share: [0, llm === null ? 0.6 : 0.3] },
  )
  const profiles = new Map(
    catalog.relations.flatMap((relation, index) => {
      const profile = profiled[index]
      return profile === undefined ? [] : [[displayName(relation), profile] as const]
    }),
  )
  const topics = planTopics(catalog, profiles)

  const asked = await askModel()
  const candidates: Candidate[] = [...asked.candidates, ...(await draft())]
  const tools = { source, parser: sqlParser, catalog, deniedFunctions: await volatileFunctions(source) }
  const views = new Set(catalog.relations.filter(({ kind }) => kind === 'view').map(displayName))
  const standing = standingOf(loaded, candidates, catalog.relations.map(displayName))
  const chosen = await chooseProven(standing.candidates, catalog, prove, {
    keep: (one) => one.origin === 'llm' || standing.stays(one),
    proven: standing.stays,
    rest: standing.rests,
    ...(standing.total === undefined ? {} : { total: standing.total }),
  })
  const pairs = chosen.filter(({ onEmptyTable }) => onEmptyTable !== true).map(pairOf)
  const onEmpty = chosen.filter(({ onEmptyTable }) => onEmptyTable === true).map(pairOf)
  context.log('INFO', {
    zh: `生成 ${candidates.length} 个候选问答对，选出 ${pairs.length} 个`,
    en: `${candidates.length} candidates, ${pairs.length} pairs chosen`,
  })

  const fileName = pairsFileName(task.dbName, task.id)
  const description = 'Question–SQL pairs'
  await context.writeFile(fileName, renderPairs(pairs), { type: 'json', description, primary: true })
  await context.writeFile('training_data.jsonl', renderTrainingJsonl(pairs, ddl), {
    type: 'jsonl',
    description: 'Chat fine-tuning data',
  })
  if (onEmpty.length > 0) {
    context.log('INFO', {
      zh: `另有 ${onEmpty.length} 个问答对涉及空表，单独存放`,
      en: `${onEmpty.length} pairs read empty tables and have a file of their own`,
    })
    await context.writeFile(EMPTY_TABLES_FILE, renderPairs(onEmpty), {
      type: 'json',
      description: 'Pairs that read empty tables',
    })
  }
  const fromModel = pairs.filter(({ origin }) => origin === 'llm').length
  return {
    result: {
      pairs: pairs.length,
      candidates: candidates.length,
      from_llm: fromModel,
      on_empty_tables: onEmpty.length,
      tokens: asked.tokens,
      language,
    },
    required: [fileName],
  }

  /** The generator's pairs. For hundreds of tables it computes for minutes, longer than a function may. */
  async function draft(): Promise<Candidate[]> {
    const drafted = await context.forEachItem(
      Array.from({ length: Math.ceil(topics.length / TOPICS) }, (_, part) =>
        topics.slice(part * TOPICS, (part + 1) * TOPICS),
      ),
      (part) => `draft:${part[0]?.key ?? ''}`,
      async (part) => {
        const found: Candidate[] = []
        for (const topic of part) {
          signal.throwIfAborted()
          // Drafting is pure computation: other work of this process gets its turn between two topics.
          await clock.sleep(0)
          found.push(...(await generatePairs(catalog, profiles, topic, { language, seed: SEED, sqlParser })))
        }
        return keptOfPart(found, catalog, part.length / topics.length, ({ id }) => loadedIds.has(id))
      },
      { share: [llm === null ? 0.6 : 0.8, DRAFTED], concurrency: 1 },
    )
    return drafted.flat()
  }

  /** Verdicts of the source, checkpointed: a resumed run chooses by the same ones. */
  async function prove(round: number, chosenNow: Parameters<Prove>[1]): ReturnType<Prove> {
    const step = (1 - DRAFTED) / PROOF_ROUNDS_MAX
    const verdicts = await context.forEachItem(
      Array.from({ length: Math.ceil(chosenNow.length / PROOFS) }, (_, part) =>
        chosenNow.slice(part * PROOFS, (part + 1) * PROOFS),
      ),
      (part) => `prove:${part[0]?.id ?? ''}`,
      async (part) => {
        signal.throwIfAborted()
        // A view may take seconds each time, whatever it is planned to cost: left to the validation.
        const proved = part.filter(
          ({ tables }) => !tables.some((name) => views.has(name)) && avoidedBelow(catalog, avoided, tables) === null,
        )
        const found = await verdictsOf(tools, proved)
        const byId = new Map(proved.map(({ id }, index) => [id, found[index]]))
        return part.map(({ id }) => byId.get(id) ?? ('unknown' as const))
      },
      { share: [DRAFTED + round * step, DRAFTED + (round + 1) * step] },
    )
    return verdicts.flat()
  }

  /** The model's pairs, each call checkpointed so that none is paid twice. */
  async function askModel(): Promise<{ readonly candidates: readonly Candidate[]; readonly tokens: number }> {
    if (llm === null) return { candidates: [], tokens: 0 }
    const worthAsking = topics.filter(({ kind, onEmptyTable }) => kind === 'relation' && !onEmptyTable)
    const answers = await context.forEachItem(
      worthAsking,
      (topic) => `llm:${topic.key}`,
      async (topic, item) => {
        const request = {
          catalog,
          profiles,
          ddl,
          topic,
          language,
          businessContext: parameters.business_context ?? catalog.database,
          signal: item.signal,
        }
        const meter = meteredLlm(llm)
        const answer = await askTopic(meter.llm, sqlParser, request)
        if (answer.problem !== null) {
          context.log('WARNING', {
            zh: `大模型未给出 ${topic.key} 的问答对：${answer.problem}`,
            en: `The language model gave no pairs for ${topic.key}: ${answer.problem}`,
          })
        }
        if (answer.unreadable.length > 0) {
          const count = answer.unreadable.length
          context.log(
            'WARNING',
            {
              zh: `大模型给出的 ${count} 条 SQL 无法解析，已舍弃`,
              en: `${count} statements of the language model are no SQL and were left out`,
            },
            { topic: topic.key, statements: answer.unreadable },
          )
        }
        return { ...answer, tokens: meter.tokens() }
      },
      { share: [0.3, 0.8] },
    )
    const tokens = answers.reduce((sum, answer) => sum + answer.tokens, 0)
    context.log(
      'INFO',
      { zh: `大模型共使用 ${tokens} 个 token`, en: `The language model used ${tokens} tokens` },
      { tokens },
    )
    return { candidates: answers.flatMap((answer) => answer.candidates), tokens }
  }
})

/** A candidate without what only the choice needed. */
function pairOf({
  columns: _,
  foreignKeys: __,
  fingerprint: ___,
  shape: ____,
  topic: _____,
  ...pair
}: Candidate): Pair {
  return pair
}
