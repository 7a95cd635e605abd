import type { Queryable } from '../../platform/store.ts'
import { BUILT_IN_STEP_NAMES, BUILT_IN_STEPS, type Field, isBuiltInStep } from '../definition/definition.ts'
import type { WorkflowDefinition } from '../definition/workflow-definition.ts'

/** What a workflow needs to know of a node that it names. */
export interface NodeSignature {
  readonly name: string
  /** Null for a built-in step. */
  readonly version: string | null
  readonly contentHash: string | null
  readonly enabled: boolean
  readonly inputs: readonly Field[]
  readonly outputs: readonly Field[]
}

/** The nodes that there are, as far as a workflow names them. */
export interface KnownNodes {
  /** @param version the newest enabled one when undefined; null where there is none */
  find(name: string, version: string | undefined): NodeSignature | null
  versionsOf(name: string): readonly string[]
  /** Names to choose from; only there when one was not found. */
  readonly names: readonly string[]
}

const NAMES_MAX = 1_000 // to find the nearest among; more would not help a person

// By the primary key (name, version).
const FIND_SIGNATURES = `
  select name, version, content_hash, enabled, definition -> 'inputs' as inputs, definition -> 'outputs' as outputs
    from node_definitions
   where name = any($1)`

const LIST_NAMES = `
  select distinct name
    from node_definitions
   where enabled
   order by name
   limit $1`

/** Reads the nodes that some definitions name, in one statement however many they are. */
export async function readKnownNodes(
  store: Queryable,
  ...definitions: readonly Pick<WorkflowDefinition, 'nodes'>[]
): Promise<KnownNodes> {
  const all = definitions.flatMap(({ nodes }) => nodes.map(({ node }) => node))
  const wanted = [...new Set(all.filter((name) => !isBuiltInStep(name)))]
  const rows = wanted.length === 0 ? [] : (await store.query<SignatureRow>(FIND_SIGNATURES, [wanted])).rows
  const found = new Set(rows.map(({ name }) => name))
  const names = wanted.every((name) => found.has(name))
    ? []
    : (await store.query<{ name: string }>(LIST_NAMES, [NAMES_MAX])).rows.map(({ name }) => name)
  return knownNodes(rows.map(signatureOf), names)
}

/** The same, of signatures at hand. @param names further ones to choose the nearest from */
export function knownNodes(signatures: readonly NodeSignature[], names: readonly string[] = []): KnownNodes {
  const byName = new Map<string, NodeSignature[]>()
  for (const one of signatures) byName.set(one.name, [...(byName.get(one.name) ?? []), one])
  for (const versions of byName.values()) versions.sort((one, other) => -compareVersions(one.version, other.version))
  return {
    find(name, version) {
      if (isBuiltInStep(name)) return stepSignature(name)
      const versions = byName.get(name) ?? []
      if (version !== undefined) return versions.find((one) => one.version === version) ?? null
      return versions.find(({ enabled }) => enabled) ?? versions[0] ?? null
    },
    versionsOf: (name) => (byName.get(name) ?? []).map(({ version }) => version ?? ''),
    names: [...BUILT_IN_STEP_NAMES, ...byName.keys(), ...names],
  }
}

function stepSignature(name: keyof typeof BUILT_IN_STEPS): NodeSignature {
  return { name, version: null, contentHash: null, enabled: true, ...BUILT_IN_STEPS[name] }
}

/** Which of two semantic versions comes first (semver 2.0, clause 11); build metadata is none here. */
export function compareVersions(one: string | null, other: string | null): number {
  const [left, right] = [partsOf(one ?? ''), partsOf(other ?? '')]
  for (let at = 0; at < 3; at++) {
    const difference = (left.numbers[at] ?? 0) - (right.numbers[at] ?? 0)
    if (difference !== 0) return difference
  }
  if (left.early.length === 0 || right.early.length === 0) return right.early.length - left.early.length
  for (let at = 0; at < Math.max(left.early.length, right.early.length); at++) {
    const difference = compareIdentifiers(left.early[at], right.early[at])
    if (difference !== 0) return difference
  }
  return 0
}

function partsOf(version: string): { numbers: number[]; early: string[] } {
  const [core = '', ...rest] = version.split('-')
  const early = rest.join('-')
  return { numbers: core.split('.').map(Number), early: early === '' ? [] : early.split('.') }
}

function compareIdentifiers(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return one === undefined ? -1 : 1
  const [left, right] = [/^\d+$/.test(one), /^\d+$/.test(other)]
  if (left && right) return Number(one) - Number(other)
  if (left !== right) return left ? -1 : 1
  return one < other ? -1 : one > other ? 1 : 0
}

interface SignatureRow {
  readonly name: string
  readonly version: string
  readonly content_hash: string
  readonly enabled: boolean
  readonly inputs: readonly Field[] | null
  readonly outputs: readonly Field[] | null
}

function signatureOf({ name, version, content_hash, enabled, inputs, outputs }: SignatureRow): NodeSignature {
  return { name, version, contentHash: content_hash, enabled, inputs: inputs ?? [], outputs: outputs ?? [] }
}
