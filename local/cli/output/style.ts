import type { TextStream } from '../world.ts'

export type Paint = (text: string) => string

/** Colours by meaning. */
export interface Style {
  readonly good: Paint
  readonly bad: Paint
  readonly warn: Paint
  readonly accent: Paint
  readonly strong: Paint
  readonly faint: Paint
}

const plain: Paint = (text) => text
export const PLAIN: Style = { good: plain, bad: plain, warn: plain, accent: plain, strong: plain, faint: plain }

const COLOURED: Style = {
  good: paint(32, 39),
  bad: paint(31, 39),
  warn: paint(33, 39),
  accent: paint(36, 39),
  strong: paint(1, 22),
  faint: paint(2, 22),
}

/**
 * Whether to colour what goes to a stream: only a terminal, and not where NO_COLOR (https://no-color.org), TERM=dumb
 * or `--no-color` says no. FORCE_COLOR colours a pipe too.
 */
export function styleFor(
  stream: TextStream,
  env: Readonly<Record<string, string | undefined>>,
  asked: boolean | undefined,
): Style {
  if (asked === false || isSet(env.NO_COLOR)) return PLAIN
  if (isSet(env.FORCE_COLOR) && env.FORCE_COLOR !== '0') return COLOURED
  return stream.isTTY === true && env.TERM !== 'dumb' ? COLOURED : PLAIN
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}

function paint(on: number, off: number): Paint {
  return (text) => (text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`)
}
