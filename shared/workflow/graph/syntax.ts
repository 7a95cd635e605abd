import type { Language } from '../../platform/problems.ts'

/** A text in both languages. */
export type Text = Readonly<Record<Language, string>>

/** Where something stands in a text: offsets, the end excluded. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A reference or a condition that can't be read, and where it goes wrong. */
export class SyntaxFault extends Error {
  override readonly name = 'SyntaxFault'
  readonly text: Text
  readonly span: Span
  readonly nearest: string | undefined

  constructor(text: Text, span: Span, nearest?: string) {
    super(text.en)
    this.text = text
    this.span = span
    this.nearest = nearest
  }
}

export type TokenKind = 'name' | 'number' | 'string' | 'mark' | 'end'

export interface Token extends Span {
  readonly kind: TokenKind
  /** As written; of a string, what it says. */
  readonly text: string
}

const SPACE = /\s+/uy
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/uy
const STRING = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/uy
const MARK = /\{\{|\}\}|==|!=|<=|>=|&&|\|\||[<>!()[\],.]/uy
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

/** Reads tokens one by one from an offset on; nothing of the text is ever run. */
export class Tokens {
  readonly source: string
  #at: number
  #next: Token | undefined

  constructor(source: string, at = 0) {
    this.source = source
    this.#at = at
  }

  /** The token that comes next; `end` for ever after the last. */
  peek(): Token {
    this.#next ??= this.#read()
    return this.#next
  }

  take(): Token {
    const token = this.peek()
    this.#next = undefined
    this.#at = token.end
    return token
  }

  /** Takes the next token if it is this mark or this word. */
  accept(text: string): Token | null {
    return this.isNext(text) ? this.take() : null
  }

  isNext(text: string): boolean {
    const { kind, text: found } = this.peek()
    return (kind === 'mark' || kind === 'name') && found === text
  }

  /** @throws {SyntaxFault} unless this mark comes next */
  expect(mark: string): Token {
    return this.accept(mark) ?? this.fail({ zh: `此处应为 ${mark}`, en: `${mark} is expected here` })
  }

  /** @throws {SyntaxFault} at the next token */
  fail(text: Text, nearest?: string): never {
    throw new SyntaxFault(text, this.peek(), nearest)
  }

  #read(): Token {
    const start = this.#at + (matchAt(SPACE, this.source, this.#at)?.length ?? 0)
    const token = (kind: TokenKind, text: string, length = text.length): Token => {
      return { kind, text, start, end: start + length }
    }
    if (start >= this.source.length) return token('end', '')
    const name = matchAt(NAME, this.source, start)
    if (name !== null) return token('name', name)
    const number = matchAt(NUMBER, this.source, start)
    if (number !== null) return token('number', number)
    const string = matchAt(STRING, this.source, start)
    if (string !== null) return token('string', spoken(string), string.length)
    const mark = matchAt(MARK, this.source, start)
    if (mark !== null) return token('mark', mark)
    const found = String.fromCodePoint(this.source.codePointAt(start) ?? 0)
    const isOpen = found === '"' || found === "'"
    throw new SyntaxFault(
      isOpen
        ? { zh: '字符串没有结束引号', en: 'The string has no closing quote' }
        : { zh: `不认识的字符 ${found}`, en: `${found} is not expected here` },
      { start, end: start + found.length },
      found === '=' ? '==' : undefined,
    )
  }
}

function matchAt(pattern: RegExp, source: string, at: number): string | null {
  pattern.lastIndex = at
  return pattern.exec(source)?.[0] ?? null
}

function spoken(quoted: string): string {
  return quoted.slice(1, -1).replaceAll(/\\(.)/gsu, (_, escaped: string) => ESCAPES[escaped] ?? escaped)
}
