import type { Language } from '../../platform/problems.ts'
import type { Field, FieldType, Json, JsonObject, NodeTest } from '../definition/definition.ts'

export type Text = Readonly<Record<Language, string>>

/** A part that an input or output plays in a template; what a request calls it is found out later. */
export interface Role {
  readonly type: FieldType
  /** Its name unless the request has one for it; roles are keyed by it. */
  readonly name: string
  readonly about: Text
  /** What a name of such an input tends to hold. */
  readonly hints?: RegExp
  readonly default?: Json
  readonly required?: false
  readonly choices?: readonly string[]
}

/** Code for one often needed kind of node, its fields named by the request. */
export interface Template {
  readonly id: string
  /** The end of the node's name: `sales` and this give `sales_growth_calculator`. */
  readonly suffix: string
  readonly title: Text
  /** What in a request speaks for it, each with its weight; in any language. */
  readonly words: readonly (readonly [RegExp, number])[]
  readonly inputs: readonly Role[]
  readonly outputs: readonly Role[]
  /** The list that comes in, changed: the output then has the input's name, unless the request says otherwise. */
  readonly passes?: { readonly input: string; readonly output: string }
  /** @param at how the code reads an input, and how it names an output */
  readonly code: (at: Names) => string
  /** By role. */
  readonly tests: readonly { readonly inputs: JsonObject; readonly outputs: JsonObject }[]
}

export interface Names {
  /** `inputs.sales_current` for the role `current`. */
  readonly in: (role: string) => string
  /** `growth_rate` for the role of that name. */
  readonly out: (role: string) => string
}

/** A template with the names of a request. */
export interface BoundTemplate {
  readonly inputs: readonly Field[]
  readonly outputs: readonly Field[]
  readonly code: string
  readonly tests: readonly NodeTest[]
  /** Stated inputs that play no part. */
  readonly unused: readonly string[]
}

/** What a request has stated, as far as it has. */
export interface Stated {
  readonly name: string
  readonly type: FieldType | null
}

/** Gives each role the stated name that fits it best: by its hints, else by its type in order. */
export function bindTemplate(
  template: Template,
  stated: { readonly inputs: readonly Stated[]; readonly outputs: readonly Stated[] },
  language: Language,
): BoundTemplate {
  const inputNames = assign(template.inputs, stated.inputs)
  const outputNames = assign(template.outputs, stated.outputs)
  const { passes } = template
  if (passes !== undefined && !outputNames.has(passes.output)) {
    const input = inputNames.get(passes.input)
    const taken = [...outputNames.values()]
    if (input !== undefined && !taken.includes(input)) outputNames.set(passes.output, input)
  }
  const nameOf = (names: ReadonlyMap<string, string>) => (role: string) => names.get(role) ?? role
  const used = [...inputNames.values()]
  const rename = (values: JsonObject, name: (role: string) => string) =>
    Object.fromEntries(Object.entries(values).map(([role, value]) => [name(role), value]))
  return {
    inputs: template.inputs.map((role) => fieldOf(role, nameOf(inputNames)(role.name), language)),
    outputs: template.outputs.map((role) => fieldOf(role, nameOf(outputNames)(role.name), language)),
    code: template.code({ in: (role) => `inputs.${nameOf(inputNames)(role)}`, out: nameOf(outputNames) }),
    tests: template.tests.map(({ inputs, outputs }) => ({
      inputs: rename(inputs, nameOf(inputNames)),
      outputs: rename(outputs, nameOf(outputNames)),
    })),
    unused: stated.inputs.map(({ name }) => name).filter((name) => !used.includes(name)),
  }
}

function assign(roles: readonly Role[], stated: readonly Stated[]): Map<string, string> {
  const names = new Map<string, string>()
  const free = [...stated]
  const take = (role: Role, fits: (one: Stated) => boolean) => {
    const index = names.has(role.name) ? -1 : free.findIndex(fits)
    if (index !== -1) for (const { name } of free.splice(index, 1)) names.set(role.name, name)
  }
  for (const role of roles) take(role, ({ name, type }) => name === role.name && fitsType(type, role))
  for (const role of roles) take(role, ({ name, type }) => role.hints?.test(name) === true && fitsType(type, role))
  // What has a default is a setting: no stated name becomes one by its place alone.
  for (const role of roles) {
    if (role.default === undefined) take(role, ({ name, type }) => fitsType(type, role) && !isTaken(name, roles, names))
  }
  return names
}

/** A name that is another role's own. */
function isTaken(name: string, roles: readonly Role[], names: ReadonlyMap<string, string>): boolean {
  return roles.some((role) => role.name === name && !names.has(role.name))
}

function fitsType(stated: FieldType | null, { type }: Role): boolean {
  if (stated === null || stated === 'any' || type === 'any') return true
  const family = (one: FieldType) => (one === 'integer' ? 'number' : one.startsWith('list') ? 'list' : one)
  if (family(stated) !== family(type)) return false
  return !(stated.startsWith('list<') && type.startsWith('list<')) || family(stated) !== 'list' || stated === type
}

function fieldOf(role: Role, name: string, language: Language): Field {
  const { type, about, choices } = role
  return {
    name,
    type,
    required: role.default === undefined && role.required !== false,
    ...(role.default === undefined ? {} : { default: role.default }),
    description: about[language],
    ...(choices === undefined ? {} : { schema: { enum: [...choices] } }),
  }
}
