import type { World } from './world.ts'

/** Asks a person, line by line. No answer, as where nobody sits at the other end, is a no. */
export function openQuestions({ stdin, stderr }: Pick<World, 'stdin' | 'stderr'>) {
  const lines = linesOf(stdin)[Symbol.asyncIterator]()
  return {
    async isAgreed(question: string): Promise<boolean> {
      stderr.write(`${question} (y/N): `)
      const { value, done } = await lines.next()
      return done !== true && /^(y|yes|是)$/i.test(value.trim())
    },
    /** Lets the process end: what nobody reads any more would keep it waiting. */
    async close(): Promise<void> {
      await lines.return?.(undefined)
    },
  }
}

async function* linesOf(stream: World['stdin']): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const parts = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest !== '') yield rest
}
