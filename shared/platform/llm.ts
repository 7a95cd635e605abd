import type * as z from 'zod'

export interface LlmRequest<T> {
  readonly system: string
  readonly prompt: string
  /** What the answer must look like. */
  readonly schema: z.ZodType<T>
  readonly schemaName: string
  readonly signal?: AbortSignal
  /** Called for each answer that was paid for, also for one that did not fit and is asked for again. */
  readonly onUsage?: (usage: TokenUsage) => void
}

export interface TokenUsage {
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface LlmAnswer<T> extends TokenUsage {
  readonly value: T
}

/**
 * Chat completion with a schema, against any OpenAI-compatible endpoint.
 * @throws {Problem} `llm_failed` (retryable) when the endpoint does not give a valid answer
 */
export interface Llm {
  readonly model: string
  complete<T>(request: LlmRequest<T>): Promise<LlmAnswer<T>>
}

/** The cause of a failure where the endpoint did answer, but this request with nothing of use: it says nothing of other requests. */
export class UnusableAnswer extends Error {}

/** A model whose tokens are counted, those of calls that failed in the end as well. */
export function meteredLlm(llm: Llm): { readonly llm: Llm; readonly tokens: () => number } {
  let tokens = 0
  return {
    tokens: () => tokens,
    llm: {
      model: llm.model,
      async complete(request) {
        let told = false
        const onUsage = (usage: TokenUsage) => {
          told = true
          tokens += usage.inputTokens + usage.outputTokens
          request.onUsage?.(usage)
        }
        const answer = await llm.complete({ ...request, onUsage })
        if (!told) tokens += answer.inputTokens + answer.outputTokens
        return answer
      },
    },
  }
}
