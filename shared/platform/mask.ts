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

/** Free text without the passwords of URLs in it. */
export function maskText(text: string): string {
  if (!text.includes('://')) return text
  return text.replaceAll(URL_IN_TEXT, (url) => String(maskUrl(url)))
}
