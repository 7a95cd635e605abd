import { BUILT_IN_STEP_NAMES, BUILT_IN_STEPS, type Field, type NodeDefinition } from '../definition/definition.ts'
import type { Stated } from '../templates/template.ts'
import { similarityOf, termsIn } from './concepts.ts'
import type { RequestFacts } from './request-facts.ts'

/** Something that exists and may do what is asked, with why. */
export interface Candidate {
  readonly kind: 'node' | 'step' | 'workflow'
  readonly name: string
  readonly version: string | null
  readonly description: string
  /** 0 to 1: of the meaning and of the inputs and outputs together. */
  readonly score: number
  readonly meaning: number
  /** How many of the stated inputs and outputs it has, 0 to 1; null when none are stated. */
  readonly signature: number | null
  readonly matched: readonly string[]
}

// In both languages, each compared for itself: a request is in one of them.
const PIPELINE = [
  '生成 text-to-SQL 训练数据：读取数据库结构，生成问答对和 SQL，验证并加载到训练库',
  'Generates training data: questions with their SQL from a database, validated and loaded',
]
const STEPS: Readonly<Record<(typeof BUILT_IN_STEP_NAMES)[number], readonly string[]>> = {
  ddl_generation: ['读取数据库，生成 DDL 建表语句和表结构文档', 'Writes DDL and documents of the tables of a database'],
  qa_generation: ['生成问题和 SQL 问答对', 'Generates pairs of questions and SQL'],
  sql_validation: ['验证 SQL 问答对，修复或去掉无效的', 'Validates SQL pairs, mends or drops what is not valid'],
  training_load: ['把训练数据加载到训练库', 'Loads training data into the training store'],
}
// Said so, a request is one for the whole pipeline, whatever else it mentions.
const FOR_PIPELINE =
  /训练数据|训练集|训练语料|问答对.{0,8}生成|生成.{0,12}(?:问答对|SQL\s*对)|text[- ]?(?:to|2)[- ]?sql|\btraining (?:data|set|pairs|examples)\b|\bgenerate\b.{0,24}\b(?:question|sql)[- ]?(?:and[- ])?\w* pairs/i

/** What exists, the best first. At most ten, each with some likeness. */
export function rankCandidates(
  facts: RequestFacts,
  nodes: readonly Pick<NodeDefinition, 'name' | 'version' | 'description' | 'inputs' | 'outputs'>[],
): readonly Candidate[] {
  const asked = termsIn(facts.text)
  const rank = (kind: Candidate['kind'], one: Offered): Candidate => {
    const described = one.texts.map((text) => termsIn(`${one.name} ${text}`))
    const meaning = Math.max(...[termsIn(one.name), ...described].map((terms) => similarityOf(asked, terms)))
    const signature = signatureOf(facts, one)
    const score = signature === null ? meaning : 0.6 * meaning + 0.4 * signature
    const matched = [...asked].filter((term) => described.some((terms) => terms.has(term)))
    return {
      kind,
      name: one.name,
      version: one.version,
      description: one.texts.join(' / '),
      score: round(score),
      meaning: round(meaning),
      signature,
      matched: [...new Set(matched.map((term) => term.replace('concept ', '')))],
    }
  }
  const none = { version: null, inputs: [], outputs: [] }
  const pipeline = rank('workflow', { name: 'data_pipeline', texts: PIPELINE, ...none })
  const wanted = FOR_PIPELINE.test(facts.text)
  const found = [
    ...nodes.map((node) => rank('node', { ...node, texts: [node.description] })),
    ...BUILT_IN_STEP_NAMES.map((name) =>
      rank('step', { name, version: null, texts: STEPS[name], ...BUILT_IN_STEPS[name] }),
    ),
    // It takes no inputs of its own: what else is stated is not held against it.
    { ...pipeline, signature: null, ...(wanted ? { score: 0.95, meaning: 0.95 } : { score: pipeline.meaning }) },
  ]
  return found
    .filter(({ meaning }) => meaning >= MEANING_MIN)
    .toSorted((one, other) => other.score - one.score)
    .slice(0, 10)
}

interface Offered {
  readonly name: string
  readonly version: string | null
  readonly texts: readonly string[]
  readonly inputs: readonly Field[]
  readonly outputs: readonly Field[]
}

const MEANING_MIN = 0.2

const RENAMED = 0.5

/** Of what is stated, the share that is there under the same name and a type that fits; null when nothing is stated. */
function signatureOf(
  facts: RequestFacts,
  { inputs, outputs }: { readonly inputs: readonly Field[]; readonly outputs: readonly Field[] },
): number | null {
  const [only] = outputs
  const [wanted] = facts.outputs
  // One output is what is meant, whatever it is called.
  const renamed = only !== undefined && wanted !== undefined && outputs.length === 1 && facts.outputs.length === 1
  const all = [
    ...facts.inputs.map((stated) => (hasField(inputs, stated) ? 1 : 0)),
    ...facts.outputs.map((stated) =>
      hasField(outputs, stated) ? 1 : renamed && hasField([{ ...only, name: stated.name }], stated) ? RENAMED : 0,
    ),
  ]
  if (all.length === 0) return null
  // What it needs and nobody has is against it too.
  const lacking =
    facts.inputs.length === 0
      ? 0
      : inputs.filter(({ required, name }) => required && !facts.inputs.some((stated) => stated.name === name)).length
  return round(all.reduce((sum: number, one) => sum + one, 0) / (all.length + lacking))
}

function hasField(fields: readonly Field[], { name, type }: Stated): boolean {
  const field = fields.find((one) => one.name === name)
  return field !== undefined && (type === null || type === 'any' || field.type === 'any' || field.type === type)
}

function round(number: number): number {
  return Math.round(number * 100) / 100
}
