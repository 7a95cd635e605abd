const SECRET_PARAMETER = /password|secret|token|key/i
const URL_IN_TEXT = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi

/** A URL without its password and without query parameters that may carry one; other values unchanged. */
export function maskUrl<T extends string | number>(value: T): T | string {
  if (typeof value !== 'string' || !value.includes('://') || !URL.canParse(value)) return value
  const url = new URL(value)
  const secrets = [...url.searchParams.keys()].filter((key) => SECRET_PARAMETER.test(key))
  if (url.password === '' && secrets.length === 0) return value
  if (url.password !== '') url.password = '******'
  for (const key of secrets) url.searchParams.set(key, '******')
  return url.href
}

// What services write into their errors: a header, a key of a language model, a setting, a field of JSON (also within a
// text of JSON, where quotes are escaped).
const BEARER = /\b(Bearer\s+)[\w.~+/=-]{8,}/gi
const MODEL_KEY = /\bsk-[\w-]{12,}/g
const ASSIGNED = /\b(password|passwd|pwd|secret|api[_-]?key)(\\?"\s*:\s*\\?"|=)[^\s"'\\&,;}]+/gi

/** Free text without the passwords of URLs in it, and without keys and passwords that are written beside their names. */
export function maskText(text: string): string {
  const masked = text.includes('://') ? text.replaceAll(URL_IN_TEXT, (url) => String(maskUrl(url))) : text
  return masked.replaceAll(BEARER, '$1******').replaceAll(MODEL_KEY, 'sk-******').replaceAll(ASSIGNED, '$1$2******')
}
