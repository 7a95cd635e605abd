import { nearestName } from '../definition/near-miss.ts'
import { type Span, SyntaxFault, type Text, Tokens } from './syntax.ts'

/** A step into a value: the name of a property, or the index of an item. */
export type PathPart = string | number

/** What stands between `{{` and `}}`: a place to take a value from. It is read by a grammar and looked up, never run. */
export type Reference =
  | (Place & { readonly kind: 'node'; readonly node: string; readonly output: string })
  | (Place & { readonly kind: 'input'; readonly input: string })
  | (Place & { readonly kind: 'item' })
  | (Place & { readonly kind: 'index' })

interface Place extends Span {
  /** What follows the value's name. */
  readonly path: readonly PathPart[]
}

/** A text in its parts, in order. */
export interface Template {
  readonly parts: readonly (string | Reference)[]
  /** The reference, when the text is one reference and nothing else: its value then keeps its type. */
  readonly whole: Reference | null
}

const OPEN = /\\?\{\{/g
const ROOTS = ['nodes', 'inputs', 'item', 'index']
const INDEX_MAX = 1_000_000
export const PATH_PARTS_MAX = 50 // as deep as a result of a node may be

/**
 * Reads a text with its references; `\{{` stands for two braces.
 * @throws {SyntaxFault} for a reference that the grammar does not know
 */
export function parseTemplate(text: string): Template {
  const parts: (string | Reference)[] = []
  let literal = ''
  let at = 0
  for (;;) {
    OPEN.lastIndex = at
    const open = OPEN.exec(text)
    if (open === null) break
    literal += text.slice(at, open.index)
    if (open[0].startsWith('\\')) {
      literal += '{{'
      at = OPEN.lastIndex
      continue
    }
    const tokens = new Tokens(text, OPEN.lastIndex)
    const reference = parseReference(tokens)
    const close = tokens.expect('}}')
    if (literal !== '') parts.push(literal)
    literal = ''
    parts.push({ ...reference, start: open.index, end: close.end })
    at = close.end
  }
  literal += text.slice(at)
  if (literal !== '') parts.push(literal)
  return { parts, whole: wholeOf(parts) }
}

/** The reference that a text is made of, spaces around it aside. */
function wholeOf(parts: readonly (string | Reference)[]): Reference | null {
  const said = parts.filter((part) => typeof part !== 'string' || part.trim() !== '')
  const [only] = said
  return said.length === 1 && only !== undefined && typeof only !== 'string' ? only : null
}

/** Reads one reference, without its braces. @throws {SyntaxFault} */
export function parseReference(tokens: Tokens): Reference {
  const root = tokens.peek()
  if (root.kind !== 'name' || !ROOTS.includes(root.text)) {
    const form = 'nodes.<node>.outputs.<name>, inputs.<name>, item, index'
    tokens.fail(
      { zh: `引用必须是 ${form} 之一`, en: `A reference is one of ${form}` },
      root.kind === 'name' ? nearestName(root.text, ROOTS) : undefined,
    )
  }
  tokens.take()
  const ended = (at: Span): Span => ({ start: root.start, end: at.end })
  if (root.text === 'nodes') {
    const node = named(tokens, { zh: '节点名', en: 'the name of a node' })
    const outputs = named(tokens, { zh: 'outputs', en: 'outputs' })
    if (outputs.text !== 'outputs') {
      const said = { zh: '节点名之后应为 .outputs', en: 'The name of a node is followed by .outputs' }
      throw new SyntaxFault(said, outputs, 'outputs')
    }
    const output = named(tokens, { zh: '输出名', en: 'the name of an output' })
    const { path, last } = pathOf(tokens, output)
    return { kind: 'node', node: node.text, output: output.text, path, ...ended(last) }
  }
  if (root.text === 'inputs') {
    const input = named(tokens, { zh: '输入名', en: 'the name of an input' })
    const { path, last } = pathOf(tokens, input)
    return { kind: 'input', input: input.text, path, ...ended(last) }
  }
  const { path, last } = pathOf(tokens, root)
  if (root.text === 'item') return { kind: 'item', path, ...ended(last) }
  if (path.length > 0) {
    throw new SyntaxFault({ zh: 'index 是数字，没有属性', en: 'index is a number and has no parts' }, ended(last))
  }
  return { kind: 'index', path, ...ended(last) }
}

function named(tokens: Tokens, what: Text): Span & { readonly text: string } {
  tokens.expect('.')
  if (tokens.peek().kind !== 'name') tokens.fail({ zh: `此处应为${what.zh}`, en: `${what.en} is expected here` })
  return tokens.take()
}

function pathOf(tokens: Tokens, before: Span): { path: PathPart[]; last: Span } {
  const path: PathPart[] = []
  let last = before
  for (;;) {
    if (tokens.accept('.') !== null) {
      const part = tokens.peek()
      if (part.kind === 'number')
        tokens.fail({ zh: '列表项写作 [0]', en: 'An item of a list is written [0]' }, `[${part.text}]`)
      if (part.kind !== 'name') tokens.fail({ zh: '此处应为属性名', en: 'The name of a property is expected here' })
      path.push(tokens.take().text)
      last = part
    } else if (tokens.accept('[') !== null) {
      path.push(bracketed(tokens))
      last = tokens.expect(']')
    } else return { path, last }
    if (path.length > PATH_PARTS_MAX) {
      const said = { zh: `路径最多 ${PATH_PARTS_MAX} 级`, en: `A path has at most ${PATH_PARTS_MAX} parts` }
      throw new SyntaxFault(said, last)
    }
  }
}

/** An index, or in quotes a property whose name is no plain word. */
function bracketed(tokens: Tokens): PathPart {
  const part = tokens.peek()
  if (part.kind === 'string') return tokens.take().text
  if (part.kind === 'number' && /^\d+$/.test(part.text) && Number(part.text) <= INDEX_MAX) {
    return Number(tokens.take().text)
  }
  return tokens.fail({
    zh: '方括号中应为从 0 起的序号，或带引号的属性名',
    en: 'Brackets hold an index from 0 on, or a name in quotes',
  })
}

/** A reference as it would be written, for messages. */
export function referenceText(reference: Reference): string {
  const path = reference.path.map((part) => {
    if (typeof part === 'number') return `[${part}]`
    return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`
  })
  return `${rootText(reference)}${path.join('')}`
}

function rootText(reference: Reference): string {
  if (reference.kind === 'node') return `nodes.${reference.node}.outputs.${reference.output}`
  return reference.kind === 'input' ? `inputs.${reference.input}` : reference.kind
}
