import type { Llm, LlmRequest } from '../../shared/platform/llm.ts'
import { Problem } from '../../shared/platform/problems.ts'

/** What a language model is asked. */
export type Question = Pick<LlmRequest<unknown>, 'system' | 'prompt' | 'schemaName'>

/** Answers a question with a value, which must be of the schema that was asked for. */
export type LlmAnswers = (question: Question) => unknown

/** A language model that says what a test wants it to say. */
export function scriptedLlm(answers: LlmAnswers): Llm {
  return {
    model: 'test',
    async complete({ system, prompt, schemaName, schema }) {
      const parsed = schema.safeParse(await answers({ system, prompt, schemaName }))
      if (!parsed.success) {
        const detail = `The answer is no ${schemaName}: ${parsed.error.message}`
        throw new Problem('llm_failed', detail, { cause: parsed.error })
      }
      return { value: parsed.data, inputTokens: 0, outputTokens: 0 }
    },
  }
}
