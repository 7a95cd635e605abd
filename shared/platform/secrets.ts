import { Problem } from './problems.ts'

/** Keeps inline passwords unreadable at rest (AES-256-GCM under a key derived from `HELIX_SECRET_KEY`). */
export interface Secrets {
  /** False without `HELIX_SECRET_KEY`; `seal` then refuses. */
  readonly available: boolean
  /** @throws {Problem} `secret_key_missing` */
  seal(text: string): Promise<string>
  /** @throws {Problem} `secret_key_missing` when the key is missing or another one */
  open(sealed: string): Promise<string>
}

const PREFIX = 'sealed:v1:'
const IV_BYTES = 12 // what AES-GCM wants (NIST SP 800-38D, section 8.2)
const SALT = new TextEncoder().encode('helix inline connection')
const ITERATIONS = 100_000 // workerd's limit for PBKDF2

export function secretsWith(key: string | undefined): Secrets {
  let derived: Promise<CryptoKey> | undefined
  const cryptoKey = () => {
    if (key === undefined) {
      throw new Problem('secret_key_missing', 'A password can not be kept safely without HELIX_SECRET_KEY', {
        hint: 'Set HELIX_SECRET_KEY (16 characters or more), or configure the source as HELIX_SOURCE_<NAME>_URL',
      })
    }
    derived ??= deriveKey(key)
    return derived
  }
  return {
    available: key !== undefined,
    async seal(text) {
      const secret = await cryptoKey()
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const sealed = new Uint8Array(
        await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, secret, new TextEncoder().encode(text)),
      )
      return PREFIX + toBase64(new Uint8Array([...iv, ...sealed]))
    },
    async open(sealed) {
      const secret = await cryptoKey()
      const bytes = Uint8Array.from(atob(sealed.slice(PREFIX.length)), (character) => character.charCodeAt(0))
      try {
        const iv = bytes.slice(0, IV_BYTES)
        return new TextDecoder().decode(
          await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, secret, bytes.slice(IV_BYTES)),
        )
      } catch (cause) {
        throw new Problem('secret_key_missing', 'The stored password can not be opened with this HELIX_SECRET_KEY', {
          cause,
        })
      }
    },
  }
}

async function deriveKey(key: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', new TextEncoder().encode(key), 'PBKDF2', false, ['deriveKey'])
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt: SALT, iterations: ITERATIONS }
  return await crypto.subtle.deriveKey(parameters, material, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
