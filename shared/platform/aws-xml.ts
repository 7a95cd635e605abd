/** An element of an XML document: what S3 answers has no attributes that matter and no mixed content. */
export interface XmlElement {
  readonly name: string
  readonly children: readonly XmlElement[]
  /** Empty where there are children. */
  readonly text: string
}

const DEPTH_MAX = 16 // S3's deepest answer has four levels
const TOKEN =
  /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y
const CODE_POINT_MAX = 0x10ffff
const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" } as Record<string, string>

interface Open {
  readonly name: string
  readonly children: XmlElement[]
  text: string
}

/**
 * Reads the XML that S3 writes: elements and text, without DTDs, CDATA or namespaces of its own.
 * @returns the document's root
 * @throws {SyntaxError} on anything else
 */
export function readXml(xml: string): XmlElement {
  const top: Open = { name: '', children: [], text: '' }
  const open: Open[] = [top]
  let at = 0
  while (at < xml.length) {
    const current = open.at(-1) ?? top
    const next = xml.indexOf('<', at)
    current.text += unescapeXml(xml.slice(at, next === -1 ? xml.length : next))
    if (next === -1) break
    TOKEN.lastIndex = next
    const token = TOKEN.exec(xml)
    if (token === null) throw new SyntaxError(`This is not XML as S3 writes it, at character ${next}`)
    at = TOKEN.lastIndex
    const [, closing, name, , empty] = token
    if (name === undefined) continue // a declaration or a comment
    if (closing === '/') close(open, name)
    else if (empty === '/') current.children.push({ name, children: [], text: '' })
    else open.push({ name, children: [], text: '' })
    if (open.length > DEPTH_MAX) throw new SyntaxError('The XML is nested too deeply')
  }
  const [root] = top.children
  if (open.length !== 1 || root === undefined || top.children.length !== 1 || top.text.trim() !== '') {
    throw new SyntaxError('This is not one whole XML document')
  }
  return root
}

/** The text of an element's first child of that name. */
export function textAt(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text
}

/** An element's children of one name, in their order. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name)
}

/** Text as it may stand inside an element. */
export function escapeXml(text: string): string {
  // A carriage return would be read as a line feed.
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;')
}

function close(open: Open[], name: string): void {
  const closed = open.pop()
  const parent = open.at(-1)
  if (closed === undefined || parent === undefined || closed.name !== name) {
    throw new SyntaxError(`</${name}> closes nothing`)
  }
  if (closed.children.length > 0 && closed.text.trim() !== '') {
    throw new SyntaxError(`<${name}> has both elements and text`)
  }
  parent.children.push(closed.children.length > 0 ? { ...closed, text: '' } : closed)
}

function unescapeXml(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));|&/gi, (whole, decimal, hexadecimal, name) => {
    const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal)
    if (code <= CODE_POINT_MAX) return String.fromCodePoint(code)
    const character = name === undefined ? undefined : NAMED[name]
    if (character === undefined) throw new SyntaxError(`${whole} is no entity of XML`)
    return character
  })
}
