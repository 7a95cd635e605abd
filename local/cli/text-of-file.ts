import { readFile } from 'node:fs/promises'
import type { World } from './world.ts'

/** What a file holds, as text. @param path `-` for standard input @throws when there is none that can be read */
export async function textOfFile({ stdin }: World, path: string): Promise<string> {
  if (path !== '-') return await readFile(path, 'utf8')
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stdin) text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
  return text
}
