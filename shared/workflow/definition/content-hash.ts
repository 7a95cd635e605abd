import { createHash } from 'node:crypto'
import type { Json } from './definition.ts'
import { canonicalJson } from './json-schema.ts'

/** The address of a content: equal for definitions that say the same, in whatever order or notation. */
export function contentHash(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}
