import { writeAudit } from '../platform/audit.ts'
import type { Platform } from '../platform/platform.ts'
import { type Language, Problem, type ProblemCode } from '../platform/problems.ts'
import { randomId } from '../platform/random.ts'
import type { Queryable } from '../platform/store.ts'
import type { Finding, Json } from './definition/definition.ts'
import { createFindings, type Place } from './definition/findings.ts'
import type { WorkflowDefinition } from './definition/workflow-definition.ts'
import { DATA_PIPELINE_ID } from './graph/built-in.ts'
import { type KnownNodes, readKnownNodes } from './graph/known-nodes.ts'
import { parseWorkflow } from './graph/parse-workflow.ts'
import { checkGraph, type GraphCheck } from './graph/validate.ts'
import { insertSnapshot } from './snapshots/snapshot-store.ts'
import {
  addVersion,
  etagOf,
  holdWorkflow,
  insertWorkflow,
  lockWorkflow,
  type NewVersion,
  stateHash,
  type Workflow,
  type WorkflowState,
} from './workflow-store.ts'

/** Who changes something, and how that is remembered. */
export interface Change {
  readonly by: string
  readonly language: Language
  readonly requestId?: string | null
  /** Why, for the snapshot and the audit log. */
  readonly reason?: string | undefined
}

/** What is known of the workflow that a definition is for. */
interface Expected {
  readonly id?: string | undefined
  /** Content hashes of the nodes that it holds already, by `name@version`. */
  readonly held?: Readonly<Record<string, string>>
}

export interface CheckedWorkflow {
  /** What the definition calls itself. */
  readonly id: string | undefined
  readonly definition: WorkflowDefinition | null
  readonly findings: readonly Finding[]
  readonly graph: GraphCheck | null
  readonly known: KnownNodes | null
}

/** Everything that is wrong with a workflow, whether it was given as YAML, as JSON text or as a value. */
export async function checkWorkflow(
  store: Queryable,
  given: Json,
  language: Language,
  expected: Expected = {},
): Promise<CheckedWorkflow> {
  const { id, definition, findings: found, placeOf } = parseWorkflow(given, language)
  const findings = [...found, ...otherId(id, expected.id, language, placeOf)]
  if (definition === null) return { id, definition, findings, graph: null, known: null }
  const known = await readKnownNodes(store, definition)
  const graph = checkGraph(definition, known, language, expected.held ?? {})
  const placed = graph.findings.map((finding) => ({ ...finding, ...placeOf(pathInText(finding.path, definition)) }))
  return { id, definition, findings: [...findings, ...placed], graph, known }
}

function otherId(
  id: string | undefined,
  expected: string | undefined,
  language: Language,
  placeOf: (path: string) => Place | undefined,
): readonly Finding[] {
  const findings = createFindings(language, placeOf)
  if (id !== undefined && expected !== undefined && id !== expected) findings.error('other_id', 'id', { id, expected })
  return findings.list
}

/** `nodes.filter.inputs.x` is in a text where the third node is. */
function pathInText(path: string, { nodes }: WorkflowDefinition): string {
  const [, name = '', rest = ''] = /^nodes\.([^.[]+)(.*)$/.exec(path) ?? []
  const index = nodes.findIndex((node) => node.name === name)
  return index === -1 ? path : `nodes[${index}]${rest}`
}

/**
 * A workflow that is good, its nodes frozen: each has the version and the content that it has now.
 * @throws {Problem} `workflow_cycle`, `unresolved_reference`, `type_mismatch`, else `invalid_workflow`, with all findings
 */
export async function goodState(
  store: Queryable,
  given: Json,
  language: Language,
  expected: Expected = {},
): Promise<{ id: string | undefined; state: WorkflowState; warnings: readonly Finding[] }> {
  const { id, definition, findings, known } = await checkWorkflow(store, given, language, expected)
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (definition === null || known === null || errors.length > 0) throw refusal(findings)
  return { id, state: frozen(definition, known), warnings: findings }
}

const TOLD_FIRST = ['workflow_cycle', 'unresolved_reference', 'type_mismatch'] as const satisfies ProblemCode[]

/** Why a workflow can be refused. */
export const WORKFLOW_PROBLEMS = ['invalid_workflow', ...TOLD_FIRST] as const satisfies ProblemCode[]

/** Why a workflow is refused: the gravest of its faults gives the code, all of them are told. */
export function refusal(findings: readonly Finding[]): Problem {
  const errors = findings.filter(({ severity }) => severity === 'error')
  const code = TOLD_FIRST.find((one) => errors.some((error) => error.code === one)) ?? 'invalid_workflow'
  const first = errors.find((error) => error.code === code) ?? errors[0]
  const at = first === undefined || first.path === '' ? '' : `${first.path}: `
  return new Problem(code, `${at}${first?.message ?? ''}`, { errors: findings })
}

function frozen(definition: WorkflowDefinition, known: KnownNodes): WorkflowState {
  const hashes: Record<string, string> = {}
  const nodes = definition.nodes.map((node) => {
    const { version = null, contentHash = null } = known.find(node.node, node.version) ?? {}
    if (version === null || contentHash === null) return node
    hashes[`${node.node}@${version}`] = contentHash
    return { ...node, version }
  })
  return { definition: { ...definition, nodes }, frozen: hashes }
}

export interface NewWorkflow {
  /** When none is given: what the definition calls itself, else made from its name. */
  readonly id?: string | undefined
  readonly definition: Json
}

export interface ChangedWorkflow {
  readonly workflow: Workflow
  readonly changed: boolean
  readonly warnings: readonly Finding[]
}

/**
 * Makes a workflow. The id of one that was deleted is free: its versions are counted on, so that no two of a task are alike.
 * @throws {Problem} `workflow_exists`, and as `goodState`
 */
export async function createWorkflow(
  { clock, random }: Pick<Platform, 'clock' | 'random'>,
  tx: Queryable,
  { id: asked, definition }: NewWorkflow,
  change: Change,
): Promise<ChangedWorkflow> {
  const { id: stated, state, warnings } = await goodState(tx, definition, change.language, { id: asked })
  const id = asked ?? stated
  const wanted = id ?? idOf(state.definition.name)
  const given = { ...state, at: clock.now(), by: change.by }
  let workflow = wanted === null || wanted === DATA_PIPELINE_ID ? null : await takeId(tx, { ...given, id: wanted })
  if (workflow === null && id !== undefined) {
    throw new Problem('workflow_exists', `There is a workflow "${id}" already`, {
      hint: 'Choose another id, or change it by PUT',
    })
  }
  workflow ??= await insertWorkflow(tx, { ...given, id: `${wanted ?? 'workflow'}_${randomId(random, 8)}` })
  if (workflow === null) throw new Problem('workflow_exists', 'No id was found that is free')
  await remember(tx, 'workflow.created', change, clock.now(), null, workflow)
  return { workflow, changed: true, warnings }
}

async function takeId(tx: Queryable, given: NewVersion): Promise<Workflow | null> {
  const made = await insertWorkflow(tx, given)
  if (made !== null) return made
  const there = await holdWorkflow(tx, given.id, { evenDeleted: true })
  return there?.deleted === true ? await addVersion(tx, there, given) : null
}

const ID_LENGTH_MAX = 60

function idOf(name: string | undefined): string | null {
  const made = (name ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[^a-z]+|_+$/g, '')
    .slice(0, ID_LENGTH_MAX)
  return made === '' ? null : made
}

const BEFORE_CHANGE: Readonly<Record<Language, (version: number) => string>> = {
  zh: (version) => `改为版本 ${version} 之前`,
  en: (version) => `Before the change to version ${version}`,
}

export interface Replacement {
  readonly definition: Json
  /** The ETag of the version that was read, or `*`: whatever it is now. */
  readonly ifMatch: string
}

/**
 * Gives a workflow a new version, after a snapshot of the present one. A definition that says the same changes nothing.
 * @throws {Problem} `workflow_changed` when another change came first, and as `lockWorkflow` and `goodState`
 */
export async function replaceWorkflow(
  { clock }: Pick<Platform, 'clock'>,
  tx: Queryable,
  id: string,
  { definition, ifMatch }: Replacement,
  change: Change,
): Promise<ChangedWorkflow> {
  const current = await lockWorkflow(tx, id)
  assertUnchanged(current, ifMatch)
  const { state, warnings } = await goodState(tx, definition, change.language, {
    id,
    held: current.frozen,
  })
  if (stateHash(state) === current.contentHash) return { workflow: current, changed: false, warnings }
  const at = clock.now()
  const reason = change.reason ?? BEFORE_CHANGE[change.language](current.version + 1)
  await insertSnapshot(tx, current, { reason, at, by: change.by })
  const workflow = await addVersion(tx, current, { ...state, at, by: change.by })
  await remember(tx, 'workflow.changed', { ...change, reason }, at, current, workflow)
  return { workflow, changed: true, warnings }
}

/** @param ifMatch one or several ETags, or `*` @throws {Problem} `workflow_changed` */
export function assertUnchanged(current: Workflow, ifMatch: string): void {
  const tags = ifMatch.split(',').map((tag) => tag.trim())
  if (tags.includes('*') || tags.includes(etagOf(current))) return
  throw new Problem(
    'workflow_changed',
    `The workflow "${current.id}" is at version ${current.version} (${etagOf(current)}) now`,
    {
      hint: 'Read it again, and make the change on what it is now',
    },
  )
}

/** Notes a change in the audit log, with the versions before and after: null where there is none. */
export async function remember(
  tx: Queryable,
  action: string,
  { by, reason, requestId }: Change,
  at: Date,
  before: Workflow | null,
  after: Workflow | null,
): Promise<void> {
  const told = ({ version, contentHash, definition }: Workflow) => ({ version, content_hash: contentHash, definition })
  await writeAudit(tx, {
    at,
    actor: by,
    action,
    target: `workflow/${(after ?? before)?.id}`,
    reason: reason ?? null,
    requestId: requestId ?? null,
    ...(before === null ? {} : { before: told(before) }),
    ...(after === null ? {} : { after: told(after) }),
  })
}
