import type * as z from 'zod'

export interface LlmRequest<T> {
  readonly system: string
  readonly prompt: string
  /** What the answer must look like. */
  readonly schema: z.ZodType<T>
  readonly schemaName: string
  readonly signal?: AbortSignal
}

export interface LlmAnswer<T> {
  readonly value: T
  readonly inputTokens: number
  readonly outputTokens: number
}

/**
 * Chat completion with a schema, against any OpenAI-compatible endpoint.
 * @throws {Problem} `llm_failed` (retryable) when the endpoint does not give a valid answer
 */
export interface Llm {
  readonly model: string
  complete<T>(request: LlmRequest<T>): Promise<LlmAnswer<T>>
}
