import * as z from 'zod'
import { UnusableAnswer } from '../../platform/llm.ts'
import type { Platform } from '../../platform/platform.ts'
import { asProblem } from '../../platform/problems.ts'
import type { SourceRef } from '../../platform/source.ts'
import { sandboxHealth } from '../../sandbox/sandbox-health.ts'

export const MODELS = ['llm', 'embedding']
export const COMPONENTS = ['files', 'queue', 'sandbox']

const ANSWER_MS_MAX = 5_000
const PROBE = '.'.repeat(64 * 1024) // more than what a file system packs into a name's own block
const Answer = z.object({ ok: z.boolean() })

/** Whether a model, or a component of Helix itself, does its work now: it is called for real, a model for a few tokens. */
export async function works(platform: Platform, operation: string): Promise<boolean> {
  try {
    return await (CALLS[operation] ?? never)(platform)
  } catch (thrown) {
    return asProblem(thrown).cause instanceof UnusableAnswer // of no use, but it answers
  }
}

/** Whether a source answers a statement in a transaction, though it be given a rest. */
export async function sourceAnswers({ sources }: Pick<Platform, 'sources'>, ref: SourceRef): Promise<boolean> {
  try {
    await using source = await sources.open({ ...ref, asked: true })
    await source.readOnly((tx) => tx.query('select 1'), ANSWER_MS_MAX)
    return true
  } catch {
    return false
  }
}

/** Whether a small file can be put and is there then. */
export async function canWrite({ files }: Pick<Platform, 'files'>): Promise<boolean> {
  const key = 'reports/probe.txt'
  await files.put(key, PROBE, { derived: true })
  const found = await files.head(key)
  await files.delete([key])
  return found?.size === PROBE.length
}

const CALLS: Readonly<Record<string, (platform: Platform) => Promise<boolean>>> = {
  async llm({ llm }) {
    const system = 'You are asked whether you can be reached.'
    await llm?.complete({ system, prompt: 'Answer {"ok": true}', schema: Answer, schemaName: 'Answer' })
    return true
  },
  async embedding({ embedder }) {
    await embedder.embed(['helix'])
    return true
  },
  files: canWrite,
  async queue({ queue }) {
    // A repair that there is not: whoever gets it answers "stale".
    await queue.send({ function: 'repair-incident', body: { incident_id: Number.MAX_SAFE_INTEGER, claim: 0 } })
    return true
  },
  async sandbox(platform) {
    const { engine, ...able } = await sandboxHealth(platform)
    return Object.values(able).every(Boolean)
  },
}

async function never(): Promise<boolean> {
  return false
}
