import type { TextStream, World } from '../world.ts'
import { type Style, styleFor } from './style.ts'

/** Where a command's words go. Results are for stdout; what is only said along the way, and errors, for stderr. */
export interface Output {
  /** A line of the result. */
  result(text?: string): void
  /** One JSON document, the whole result. */
  json(value: unknown): void
  /** A line along the way. */
  note(text?: string): void
  /** Styles of the two. */
  readonly resultStyle: Style
  readonly noteStyle: Style
  /** A terminal on stderr that can be drawn on; null where lines have to do. */
  readonly terminal: { readonly columns: number; draw(text: string): void } | null
}

const COLUMNS_USUAL = 80

export function openOutput(world: Pick<World, 'env' | 'stdout' | 'stderr'>, color: boolean | undefined): Output {
  const { env, stdout, stderr } = world
  const line =
    (stream: TextStream) =>
    (text = '') =>
      void stream.write(`${text}\n`)
  const drawable = stderr.isTTY === true && env.TERM !== 'dumb'
  return {
    result: line(stdout),
    json: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    note: line(stderr),
    resultStyle: styleFor(stdout, env, color),
    noteStyle: styleFor(stderr, env, color),
    terminal: drawable
      ? {
          get columns() {
            return stderr.columns ?? COLUMNS_USUAL
          },
          draw: (text) => void stderr.write(text),
        }
      : null,
  }
}
