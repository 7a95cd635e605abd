const NOT_TOKEN = /[^\x20-\x7e]|["\\%]/gu
const NOT_ATTRIBUTE_CHARACTER = /['()*]/g // what RFC 8187 wants escaped and encodeURIComponent leaves

/** `Content-Disposition` of a download, its name readable by every client, in any language (RFC 6266). */
export function attachment(fileName: string): string {
  const plain = fileName.replaceAll(NOT_TOKEN, '_')
  const encoded = encodeURIComponent(fileName).replaceAll(
    NOT_ATTRIBUTE_CHARACTER,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}
