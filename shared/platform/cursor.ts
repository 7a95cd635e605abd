import { Problem } from './problems.ts'

/** Where a page ended, as text that callers pass back unread. */
export function encodeCursor(parts: readonly (string | number)[]): string {
  const bytes = new TextEncoder().encode(JSON.stringify(parts))
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** @throws {Problem} `invalid_request` unless it holds `count` parts */
export function decodeCursor(cursor: string, count: number): (string | number)[] {
  try {
    const text = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'))
    const parts: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0))))
    const clean = Array.isArray(parts) && parts.every((part) => typeof part === 'string' || typeof part === 'number')
    if (clean && parts.length === count) return parts
  } catch {
    // answered below, like any other cursor that is not ours
  }
  throw new Problem('invalid_request', 'The cursor is not one that a list has answered', {
    errors: [{ path: 'cursor', message: 'is not valid' }],
  })
}
