import type { Language } from '../../platform/problems.ts'
import type { Field, Json, NodeDefinition } from '../definition/definition.ts'
import { parseNodeValue } from '../definition/parse-node.ts'
import type { TemplateMatch } from '../templates/all.ts'
import { bindTemplate } from '../templates/template.ts'
import { conceptsIn } from './concepts.ts'
import type { RequestFacts } from './request-facts.ts'

/** A definition that was made for a request. */
export interface Draft {
  readonly definition: NodeDefinition
  readonly by: 'llm' | 'template' | 'skeleton'
  readonly template: string | null
  /** Stated inputs that it does not use. */
  readonly unused: readonly string[]
}

/** A draft from the template that fits best. */
export function draftFromTemplate(facts: RequestFacts, { template }: TemplateMatch, language: Language): Draft {
  const name = nameFor(facts, template.suffix)
  const { inputs, outputs, code, tests, unused } = bindTemplate(template, facts, language)
  const definition = canonical(
    { name, description: aboutOf(facts, template.title[language]), inputs, outputs, code, tests },
    language,
  )
  return { definition, by: 'template', template: template.id, unused }
}

/** A draft that has the stated inputs and outputs, and code that waits for somebody to write it. */
export function skeleton(facts: RequestFacts, language: Language): Draft {
  const field = ({ name, type }: RequestFacts['inputs'][number]): Field => ({
    name,
    type: type ?? 'any',
    required: true,
  })
  const inputs = facts.inputs.map(field)
  const outputs = facts.outputs.map(({ name, type }): Field => ({ name, type: type ?? 'any', required: false }))
  const answers = outputs.map(({ name }) => `    ${name}: null,`).join('\n')
  const hint = language === 'zh' ? '在此计算输出；inputs 中有：' : 'Calculate the outputs here; inputs has: '
  const code = `function main(inputs) {\n  // ${hint}${inputs.map(({ name }) => name).join(', ')}\n  return {\n${answers}\n  }\n}\n`
  const wanted = outputs[0] === undefined ? 'node' : `${outputs[0].name}_node`
  const name = nameFor(facts, wanted)
  const definition = canonical({ name, description: aboutOf(facts, ''), inputs, outputs, code, tests: [] }, language)
  return { definition, by: 'skeleton', template: null, unused: [] }
}

interface Made {
  readonly name: string
  readonly description: string
  readonly inputs: readonly Field[]
  readonly outputs: readonly Field[]
  readonly code: string
  readonly tests: readonly unknown[]
}

/** As the parser gives it, so that a draft is what creating it would keep. */
function canonical(made: Made, language: Language): NodeDefinition {
  const value = { version: '1.0.0', executor_type: 'code', sandbox: true, ...made } as unknown as Json
  const { definition, findings } = parseNodeValue(value, language)
  if (definition === null) {
    const told = findings.map(({ path, message }) => `${path}: ${message}`).join('; ')
    throw new Error(`The draft "${made.name}" is not valid: ${told}`)
  }
  return definition
}

const ABOUT_LENGTH_MAX = 200

/** What the request says, unless a description may not say it. */
function aboutOf({ text }: RequestFacts, otherwise: string): string {
  const line = text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, ABOUT_LENGTH_MAX)
  const value = { name: 'draft', version: '1.0.0', executor_type: 'step', step: 'training_load', description: line }
  const { findings } = parseNodeValue(value, 'en')
  return findings.length === 0 ? line : otherwise
}

/** `sales_growth_calculator`: what the request is about, then what is done with it. */
export function nameFor(facts: RequestFacts, suffix: string): string {
  const common = commonPrefix(facts.inputs.map(({ name }) => name))
  const done = new Set(suffix.split('_'))
  const subject = common ?? conceptsIn(facts.text).find((concept) => !VERBS.has(concept) && !done.has(concept))
  return (subject === undefined ? suffix : `${subject}_${suffix}`).slice(0, 50).replace(/_+$/, '')
}

// Concepts that say what is done, or how much, rather than with what.
const VERBS = new Set(
  'growth rate share average total rank filter join group date outlier duplicate missing convert clean mask moving pivot median current previous count text amount quantity validate'.split(
    ' ',
  ),
)

/** `sales` of `sales_current` and `sales_previous`. */
function commonPrefix(names: readonly string[]): string | undefined {
  const [first = '', ...others] = names
  const words = first.split('_').slice(0, -1)
  while (words.length > 0) {
    const prefix = words.join('_')
    if (others.length > 0 && others.every((name) => name.startsWith(`${prefix}_`))) return prefix
    words.pop()
  }
  return undefined
}
