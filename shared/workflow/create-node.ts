import { writeAudit } from '../platform/audit.ts'
import type { Platform } from '../platform/platform.ts'
import { asProblem, type Language, Problem } from '../platform/problems.ts'
import { assertNodesMayBeCreated } from '../platform/settings.ts'
import { withSyntaxChecked } from './check-syntax.ts'
import { contentHash } from './definition/content-hash.ts'
import type { Finding, Json, NodeDefinition } from './definition/definition.ts'
import type { ParsedNode } from './definition/parse-node.ts'
import { recordCreation, recordTrial } from './node-records.ts'
import { problemOfRun } from './node-run.ts'
import { type StoredVersion, saveNode, storedVersion } from './node-store.ts'
import { type Trial, tryNode } from './trial.ts'
import { trialView } from './trial-view.ts'

export interface CreatedNode {
  readonly definition: NodeDefinition
  readonly contentHash: string
  /** False when this very content was there already. */
  readonly created: boolean
  /** Null when nothing had to be tried. */
  readonly trial: Trial | null
  readonly warnings: readonly Finding[]
}

export interface Creator {
  readonly language: Language
  readonly by: string
  readonly requestId?: string
}

/**
 * Takes a definition into the store: it is valid, its trial passes, and its version is free. Each attempt is counted.
 * @throws {Problem} `dynamic_nodes_disabled`, `invalid_node`, `node_version_taken`, or what the trial ended with:
 *   `sandbox_error`, `sandbox_timeout`, `sandbox_memory`, `output_mismatch`, `llm_missing` …
 */
export async function createNode(platform: Platform, parsed: ParsedNode, creator: Creator): Promise<CreatedNode> {
  await assertNodesMayBeCreated(platform.store)
  const named = parsed.definition ?? { name: '', version: null }
  try {
    const created = await accepted(platform, parsed, creator)
    if (created.created) await recordCreation(platform, { ...named, failure: null, by: creator.by })
    return created
  } catch (thrown) {
    const { code, message } = asProblem(thrown)
    await recordCreation(platform, { ...named, failure: { code, message }, by: creator.by })
    throw thrown
  }
}

/** A definition, or why there is none. @throws {Problem} `invalid_node` with every finding */
export function definitionIn({ definition, findings }: ParsedNode, language: Language): NodeDefinition {
  if (definition !== null) return definition
  const errors = findings.filter(({ severity }) => severity === 'error')
  const first = errors[0]?.message ?? ''
  const more = errors.length - 1
  const rest = more < 1 ? '' : language === 'zh' ? `（另有 ${more} 处）` : ` (and ${more} more)`
  throw new Problem('invalid_node', `${errors[0]?.path ?? ''}: ${first}${rest}`.replace(/^: /, ''), {
    errors: findings,
  })
}

async function accepted(platform: Platform, given: ParsedNode, creator: Creator): Promise<CreatedNode> {
  const { store, clock } = platform
  const parsed = await withSyntaxChecked(platform.sandbox, given, creator.language)
  const definition = definitionIn(parsed, creator.language)
  const hash = contentHash(definition as unknown as Json)
  const known = await storedVersion(store, definition.name, definition.version)
  if (isSame(known, hash)) {
    return { definition, contentHash: hash, created: false, trial: null, warnings: parsed.findings }
  }
  // Other content under this version fails at once, without a trial.
  const trial = known === null ? await tryNode(platform, definition, { language: creator.language }) : null
  if (trial !== null) {
    await recordTrial(platform, definition, {
      success: trial.success,
      inputs: trial.decisive.inputs,
      result: trialView(trial),
      duration_ms: trial.duration_ms,
      memory_bytes: trial.memory_bytes,
    })
    if (!trial.success) throw problemOfRun(definition.name, trial.decisive)
  }
  const saved = await saveNode(store, definition, { at: clock.now(), by: creator.by })
  if (saved.created) {
    await writeAudit(store, {
      at: clock.now(),
      actor: creator.by,
      action: 'node.created',
      target: `${definition.name}@${definition.version}`,
      after: { content_hash: hash },
      ...(creator.requestId === undefined ? {} : { requestId: creator.requestId }),
    })
  }
  return { definition, contentHash: hash, created: saved.created, trial, warnings: parsed.findings }
}

function isSame(known: StoredVersion | null, hash: string): boolean {
  return known?.enabled === true && known.contentHash === hash
}
