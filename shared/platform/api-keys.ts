/** What a key may do, from least to most: each role may also do what those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const

export type Role = (typeof ROLES)[number]

/** Who calls, by a secret that only they know. */
export interface ApiKey {
  /** Becomes the `created_by` of what its holder makes. */
  readonly name: string
  readonly role: Role
  readonly key: string
}

const KEYS_MAX = 100 // every request is compared with all of them
const KEY_CHARS_MIN = 16 // half of `openssl rand -hex 16`: what is shorter can be guessed
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,49}$/ // the column that keeps it has 50 characters
const KEY = /^[A-Za-z0-9._~+/-]+=*$/ // what `Authorization: Bearer` can carry (RFC 6750)

export type ReadApiKeys =
  | { readonly ok: true; readonly keys: readonly ApiKey[] }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads `name:role:key` entries, separated by commas or white space. A problem names an entry's position and name, never its key. */
export function readApiKeys(text: string): ReadApiKeys {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '')
  if (entries.length === 0 || entries.length > KEYS_MAX) {
    return { ok: false, problems: [`must have 1 to ${KEYS_MAX} entries of the form name:role:key`] }
  }
  const keys = entries.map(partsOf)
  const problems = keys.flatMap((found, index) => {
    const wrong = problemOf(found, keys.slice(0, index))
    return wrong === null ? [] : [`entry ${index + 1}${shown(found)} ${wrong}`]
  })
  return problems.length > 0 ? { ok: false, problems } : { ok: true, keys: keys as ApiKey[] }
}

/** At least as much as `needed`. */
export function mayActAs(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed)
}

type Parts = { readonly name: string; readonly role: string; readonly key: string } | null

function partsOf(entry: string): Parts {
  const [name = '', role = '', ...rest] = entry.split(':')
  return rest.length === 0 ? null : { name, role, key: rest.join(':') }
}

function problemOf(found: Parts, before: readonly Parts[]): string | null {
  if (found === null) return 'must have the form name:role:key'
  if (!NAME.test(found.name)) return 'needs a name of 1 to 50 letters, digits and . _ @ -'
  if (!(ROLES as readonly string[]).includes(found.role)) return `needs one of the roles ${ROLES.join(', ')}`
  if (found.key.length < KEY_CHARS_MIN) return `needs a key of at least ${KEY_CHARS_MIN} characters`
  if (!KEY.test(found.key)) return 'has a key with characters that a header can not carry'
  if (before.some((other) => other?.name === found.name)) return 'has the name of an earlier entry'
  if (before.some((other) => other?.key === found.key)) return 'has the key of an earlier entry'
  return null
}

/** A name only where it can't be a key that somebody has put into the wrong place. */
function shown(found: Parts): string {
  const isName = found !== null && NAME.test(found.name) && found.name.length < KEY_CHARS_MIN
  return isName ? ` ("${found.name}")` : ''
}
