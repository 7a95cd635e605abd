/** How a node does its work. */
export const EXECUTOR_TYPES = ['code', 'sql', 'llm', 'step'] as const
export type ExecutorType = (typeof EXECUTOR_TYPES)[number]

/** The types that a field's value may have; `list<…>` says what a list holds. */
export const PLAIN_TYPES = ['string', 'number', 'integer', 'boolean', 'list', 'object', 'any'] as const
export type PlainType = (typeof PLAIN_TYPES)[number]
export type FieldType = PlainType | `list<${string}>`

/** What a node is, or a workflow asks for, under one name. */
export interface Field {
  readonly name: string
  readonly type: FieldType
  readonly required: boolean
  /** The value when none is given; a field with one is never missing. */
  readonly default?: Json
  readonly description?: string
  /** A JSON Schema for what lies deeper than the type. */
  readonly schema?: JsonSchema
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }
export type JsonSchema = boolean | JsonObject

/** What a run may use; the defaults are those of the sandbox. */
export interface NodeLimits {
  readonly timeout_seconds?: number
  readonly memory_mb?: number
  readonly stack_kb?: number
  readonly input_kb?: number
  readonly result_kb?: number
  readonly rows?: number
}

/** An example that a definition brings along; the trial runs it. Without outputs it only has to succeed. */
export interface NodeTest {
  readonly name?: string
  readonly inputs: JsonObject
  readonly outputs?: JsonObject
}

/** A dynamic node in its canonical form. A version of a name never changes. */
export interface NodeDefinition {
  readonly name: string
  /** Semantic version: `1.0.0`. */
  readonly version: string
  readonly executor_type: ExecutorType
  readonly description: string
  readonly inputs: readonly Field[]
  readonly outputs: readonly Field[]
  /** JavaScript that defines `function main(inputs)`; for `code`. */
  readonly code?: string
  /** One read-only statement, inputs as `:name`; for `sql`. */
  readonly query?: string
  /** The source that a `sql` node reads, when no input says so. */
  readonly source?: string
  /** Text for the model, inputs as `{{ name }}`; for `llm`. */
  readonly prompt?: string
  /** The built-in step that it stands for; for `step`. */
  readonly step?: string
  readonly limits?: NodeLimits
  /** Code runs in the sandbox and nowhere else, so it can't be off for `code`. */
  readonly sandbox: boolean
  readonly tests?: readonly NodeTest[]
}

/** What a name of a node, of a field or of a workflow's node looks like. */
export const NAME_PATTERN = /^[a-z][a-z0-9_]{0,49}$/
export const SEMVER_PATTERN = /^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(-[0-9A-Za-z.-]{1,30})?$/

/** Something wrong (or doubtful) in a definition: all of them are found in one pass. */
export interface Finding {
  /** Machine-readable: `missing_field`, `unknown_executor` … */
  readonly code: string
  /** Where, in the caller's own terms: `inputs[0].type`, `nodes.filter.inputs.pairs`. */
  readonly path: string
  readonly severity: 'error' | 'warning'
  /** In the caller's language. */
  readonly message: string
  /** The nearest thing that would be right. */
  readonly nearest?: string
  /** 1-based, in the text that was given. */
  readonly line?: number
  readonly column?: number
}

/** The steps that are built in, each a node that a workflow may name, with what they take and give. */
export const BUILT_IN_STEPS: Readonly<Record<BuiltInStep, StepSignature>> = {
  ddl_generation: { inputs: [], outputs: [] },
  qa_generation: { inputs: [], outputs: [pairs(true)] },
  sql_validation: { inputs: [pairs(false)], outputs: [pairs(true)] },
  training_load: { inputs: [pairs(false)], outputs: [] },
}
export const BUILT_IN_STEP_NAMES = ['ddl_generation', 'qa_generation', 'sql_validation', 'training_load'] as const
export type BuiltInStep = (typeof BUILT_IN_STEP_NAMES)[number]

export interface StepSignature {
  readonly inputs: readonly Field[]
  readonly outputs: readonly Field[]
}

export function isBuiltInStep(name: string): name is BuiltInStep {
  return (BUILT_IN_STEP_NAMES as readonly string[]).includes(name)
}

/** Pairs are objects of a `question` and its `sql`. */
function pairs(required: boolean): Field {
  return { name: 'pairs', type: 'list<object>', required, description: 'Questions with their SQL' }
}
