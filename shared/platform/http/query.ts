import * as z from 'zod'
import { decodeCursor } from '../cursor.ts'
import { Problem } from '../problems.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: a control character is what is looked for
const NO_NUL = /^[^\u0000]*$/

/** How many items a page has. */
export function limitUpTo(max: number, usual: number) {
  return z.coerce.number().int().min(1).max(max).default(usual)
}

/** Where the page before ended, as its answer said in `next_cursor`. */
export const CursorText = z.string().min(1).max(500)

/** A filter's text. The store can't be asked for a NUL. */
export const FilterText = z.string().min(1).max(200).regex(NO_NUL)

/** `next_cursor` of an answer: null after the last page. */
export const NextCursor = z.string().nullable()

/**
 * The one number that a cursor holds; null for the first page.
 * @throws {Problem} `invalid_request` for a cursor that no list has answered
 */
export function positionIn(cursor: string | undefined): number | null {
  if (cursor === undefined) return null
  const [position] = decodeCursor(cursor, 1)
  if (typeof position === 'number' && Number.isSafeInteger(position) && position >= 0) return position
  throw new Problem('invalid_request', 'The cursor is not one that a list has answered', {
    errors: [{ path: 'cursor', message: 'is not valid' }],
  })
}
