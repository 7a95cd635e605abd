import type { Embedder } from '../../platform/embedder.ts'
import type { Files } from '../../platform/files.ts'
import type { Llm } from '../../platform/llm.ts'
import { UnusableAnswer } from '../../platform/llm.ts'
import type { Platform } from '../../platform/platform.ts'
import { Problem, type ProblemCode } from '../../platform/problems.ts'
import type { Queue } from '../../platform/queue.ts'
import { seedOf } from '../../platform/random.ts'
import type { Sandbox } from '../../platform/sandbox.ts'
import type { Sources } from '../../platform/source.ts'
import type { ErrorBudgets, Operation, Verdict } from './error-budgets.ts'

type Outcome = { readonly value: unknown } | { readonly thrown: unknown }

const LLM: Operation = { name: 'llm', mayRestart: true, waits: true }
const EMBEDDING: Operation = { name: 'embedding', mayRestart: true, waits: true }
const SANDBOX: Operation = { name: 'sandbox', mayRestart: true, waits: true }
const FILES: Operation = { name: 'files', mayRestart: true, waits: false }
const QUEUE: Operation = { name: 'queue', mayRestart: true, waits: false }

/**
 * The platform whose components are no longer called once they have failed three times in a row. The caller's own mistakes
 * never count, nor does what one bad task or node does to itself. For the platform of a process or of a cloud's invocation;
 * what is laid over it for one call goes on top.
 */
export function budgetedPlatform(platform: Platform, budgets: ErrorBudgets): Platform {
  const { llm, embedder, sandbox, files, queue, sources } = platform
  return {
    ...platform,
    sources: budgetedSources(sources, platform, budgets),
    llm: llm === null ? null : guardedLlm(llm, platform, budgets),
    embedder: guardedEmbedder(embedder, platform, budgets),
    sandbox: guardedSandbox(sandbox, platform, budgets),
    files: guardedFiles(files, platform, budgets),
    queue: guardedQueue(queue, platform, budgets),
  }
}

/** An inline connection is its task's own: somebody may have mistyped it, and nobody else uses it. */
export function budgetedSources(sources: Sources, platform: Platform, budgets: ErrorBudgets): Sources {
  const codes: readonly ProblemCode[] = ['source_unreachable', 'source_refused']
  return {
    list: () => sources.list(),
    open(ref) {
      if (ref.url !== undefined) return sources.open(ref)
      const operation = { name: `source:${ref.name}`, mayRestart: false, waits: true, asked: ref.asked === true }
      return budgets.guard(platform, operation, () => sources.open(ref), failureOf(codes))
    },
  }
}

function guardedLlm(llm: Llm, platform: Platform, budgets: ErrorBudgets): Llm {
  return {
    model: llm.model,
    complete: (request) => budgets.guard(platform, LLM, () => llm.complete(request), failureOf(['llm_failed'])),
  }
}

function guardedEmbedder(embedder: Embedder, platform: Platform, budgets: ErrorBudgets): Embedder {
  return {
    model: embedder.model,
    get dimension() {
      return embedder.dimension
    },
    embed: (texts, signal) =>
      budgets.guard(platform, EMBEDDING, () => embedder.embed(texts, signal), failureOf(['embedding_failed'])),
  }
}

/** Only what the engine itself fails at counts, and the same code only once: code may be made to break it. */
function guardedSandbox(sandbox: Sandbox, platform: Platform, budgets: ErrorBudgets): Sandbox {
  return {
    run: (request, signal) =>
      budgets.guard(
        platform,
        SANDBOX,
        () => sandbox.run(request, signal),
        (outcome) => {
          const error = 'value' in outcome ? outcome.value.error : null
          return error?.code === 'sandbox_crashed'
            ? { code: error.code, subject: `code:${seedOf(request.code)}` }
            : null
        },
      ),
    close: () => sandbox.close(),
  }
}

/** Writing alone: what is there can still be read, and deleting is what a full disk needs. */
function guardedFiles(files: Files, platform: Platform, budgets: ErrorBudgets): Files {
  const failure = (key: string) => (outcome: Outcome) => failureOf(['files_unavailable'], subjectOf(key))(outcome)
  return {
    root: files.root,
    put: (key, content, options) =>
      budgets.guard(platform, FILES, () => files.put(key, content, options), failure(key)),
    append: (key, text) => budgets.guard(platform, FILES, () => files.append(key, text), failure(key)),
    get: (key, range) => files.get(key, range),
    head: (key) => files.head(key),
    list: (prefix, options) => files.list(prefix, options),
    delete: (keys) => files.delete(keys),
  }
}

function guardedQueue(queue: Queue, platform: Platform, budgets: ErrorBudgets): Queue {
  return {
    send: (message, delaySeconds) =>
      budgets.guard(platform, QUEUE, () => queue.send(message, delaySeconds), failureOf(['queue_unavailable'])),
  }
}

function failureOf(codes: readonly ProblemCode[], subject: (cause: unknown) => string | null = () => null) {
  return (outcome: Outcome): Verdict => {
    if (!('thrown' in outcome) || !(outcome.thrown instanceof Problem)) return null
    const { code, cause } = outcome.thrown
    if (!codes.includes(code) || cause instanceof UnusableAnswer) return null
    return { code, subject: subject(cause) }
  }
}

const WHOLE_MEDIUM = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'])

/** A folder that nobody may write to is its task's trouble; a full disk is everybody's. */
function subjectOf(key: string): (cause: unknown) => string | null {
  return (cause) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    return code === '' || WHOLE_MEDIUM.has(code) ? null : `folder:${key.split('/')[0] ?? ''}`
  }
}
