import type { Source } from '../../platform/source.ts'
import type { Pair } from '../pair.ts'
import type { Looked, RelationFacts } from './quality-data.ts'
import type { ComparedLiteral } from './quality-literals.ts'
import type { Limit } from './quality-measures.ts'
import type { ValidationLimits } from './validate-pair.ts'

export interface Bounds {
  /** Of the data set: what is said is said in it. */
  readonly language: Pair['language']
  readonly source: Pick<Source, 'stopsStatements'>
  readonly limits: ValidationLimits
  readonly pairs: readonly Pair[]
  readonly facts: readonly RelationFacts[]
  readonly literals: readonly Looked<ComparedLiteral>[]
  readonly literalsFound: number
  /** Pairs whose mutants were run. */
  readonly sharpnessSampled: number
  readonly hasLlm: boolean
  /** Pairs in the file of those that read empty tables. */
  readonly pairsOnEmptyTables: number
}

/** What bounded this run or stood in for something better, so that nobody takes a figure for more than it is. */
export function limitsThatStruck(bounds: Bounds): readonly Limit[] {
  const { source, limits, pairs, facts, literals, literalsFound, sharpnessSampled, hasLlm, pairsOnEmptyTables } = bounds
  const capped = pairs.filter(({ rows }) => (rows ?? 0) >= limits.rowsMax).length
  const unread = facts
    .filter(({ read }) => !read)
    .map(({ name, unread }) => (unread === undefined ? name : `${name} (${unread})`))
  const sampled = facts.filter((one) => one.sampled).map(({ name }) => name)
  const unanswered = literals.filter(({ found }) => found === null).length
  const empty = facts.filter(({ rows, read }) => rows === 0 && read).length
  const struck: [string, boolean, Said][] = [
    [
      'no_llm',
      !hasLlm,
      { zh: '问题、文档和修复都只由规则产生', en: 'Questions, documents and repairs come from rules alone' },
    ],
    [
      'tokens_of_kept_answers',
      hasLlm,
      {
        zh: '只计入已保存结果的 token；进程每崩溃一次，正在处理的至多 4 项会重做，其已付费的调用只有模型服务端知道',
        en: 'Tokens are those of results that were kept; each crash of a process repeats at most 4 items, whose calls until then only the endpoint has counted',
      },
    ],
    [
      'source_can_not_stop',
      !source.stopsStatements,
      {
        zh: '计划代价高的语句被拒绝，没有执行',
        en: 'Statements of a high planned cost were refused rather than run',
      },
    ],
    [
      'database_empty',
      facts.length > 0 && empty === facts.length,
      {
        zh: `全部 ${facts.length} 个关系都没有数据，任何问答对都无法由结果证实`,
        en: `None of the ${facts.length} relations has a row, so that no pair can be proved by its result`,
      },
    ],
    [
      'pairs_on_empty_tables',
      pairsOnEmptyTables > 0,
      {
        zh: `有 ${pairsOnEmptyTables} 个问答对查询空表，放在 pairs_on_empty_tables.json 中`,
        en: `${pairsOnEmptyTables} pairs read empty tables; they are in pairs_on_empty_tables.json`,
      },
    ],
    [
      'rows_capped',
      capped > 0,
      {
        zh: `有 ${capped} 个问答对的结果超过所读取的 ${limits.rowsMax} 行`,
        en: `${capped} pairs have more rows than the ${limits.rowsMax} that were read`,
      },
    ],
    [
      'sharpness_sampled',
      sharpnessSampled < pairs.length,
      {
        zh: `${pairs.length} 个问答对中有 ${sharpnessSampled} 个执行了变体`,
        en: `${sharpnessSampled} of ${pairs.length} pairs had mutants run`,
      },
    ],
    ['relations_unread', unread.length > 0, listed(unread)],
    ['relations_sampled', sampled.length > 0, listed(sampled)],
    [
      'literals_not_looked_up',
      literalsFound > literals.length,
      {
        zh: `${literalsFound} 个字面值中查找了 ${literals.length} 个`,
        en: `${literals.length} of ${literalsFound} were looked up`,
      },
    ],
    [
      'literals_unanswered',
      unanswered > 0,
      { zh: `有 ${unanswered} 个未能及时查到`, en: `${unanswered} could not be looked up in time` },
    ],
  ]
  return struck.filter(([, applies]) => applies).map(([name, , said]) => ({ name, detail: said[bounds.language] }))
}

type Said = Readonly<Record<Pair['language'], string>>

const NAMES_MAX = 20

function listed(names: readonly string[]): Said {
  const [shown, more] = [names.slice(0, NAMES_MAX), names.length - NAMES_MAX]
  return {
    zh: `${shown.join('、')}${more > 0 ? ` 等 ${names.length} 个` : ''}`,
    en: `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
  }
}
