import type { Random } from '../../platform/random.ts'
import type { Language } from './vocabulary.ts'

/** One meaning said in both languages; only the asked one is used. */
export interface Both {
  readonly zh: string
  readonly en: string
}

/** Who speaks: the language, and the dice that choose among phrasings. */
export interface Voice {
  readonly language: Language
  readonly random: Random
}

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new RangeError('Cannot pick from an empty list')
  return item
}

/** Chinese text whose slots get a space where Chinese meets Latin letters or digits; slots themselves stay as they are. */
export function zh(texts: TemplateStringsArray, ...slots: readonly (string | number)[]): string {
  let said = texts[0] ?? ''
  for (const [at, slot] of slots.entries()) said = glue(glue(said, String(slot)), texts[at + 1] ?? '')
  return said
}

function glue(left: string, right: string): string {
  const mixed =
    (/\p{Script=Han}$/u.test(left) && /^[\p{Script=Latin}\p{N}$(+#-]/u.test(right)) ||
    (/[\p{Script=Latin}\p{N}%.)]$/u.test(left) && /^\p{Script=Han}/u.test(right))
  return mixed ? `${left} ${right}` : left + right
}

/** `a, b and c` or `a、b 和 c`. */
export function listed(language: Language, items: readonly string[], last: 'and' | 'or' = 'and'): string {
  const final = items.at(-1) ?? ''
  if (items.length < 2) return final
  const before = items.slice(0, -1)
  if (language === 'en') return `${before.join(', ')} ${last} ${final}`
  return zh`${before.join('、')}${last === 'and' ? '和' : '或'}${final}`
}

/** Asks for rows: `the names of …`. @param order how they are sorted: `按…从高到低排列` / `sorted by …` */
export function askList(voice: Voice, noun: Both, order?: Both): string {
  return ask(voice, noun, order, ZH_LIST, EN_LIST)
}

/** Asks for one figure: `the average price of …`. */
export function askValue(voice: Voice, noun: Both): string {
  return ask(voice, noun, undefined, ZH_VALUE, EN_VALUE)
}

/** Asks for figures by group: `the number of … for each …`. */
export function askFigures(voice: Voice, noun: Both, order?: Both): string {
  return ask(voice, noun, order, ZH_FIGURES, EN_FIGURES)
}

/** Asks how many of something there are. @param noun its plural, with its conditions */
export function askCount(voice: Voice, noun: Both): string {
  return ask(voice, noun, undefined, ZH_COUNT, EN_COUNT)
}

/** One of several whole sentences. */
export function askOne(
  voice: Voice,
  sentences: { readonly zh: readonly string[]; readonly en: readonly string[] },
): string {
  const said = pick(voice.random, sentences[voice.language])
  return voice.language === 'en' ? sentence(said) : said
}

// {} is the noun phrase.
const ZH_LIST = ['列出{}。', '请列出{}。', '{}有哪些？', '查询{}。', '帮我查一下{}。', '我想看看{}。', '给出{}。']
const EN_LIST = [
  'List {}.',
  'Show {}.',
  'What are {}?',
  'Give me {}.',
  'Please show me {}.',
  'I would like to see {}.',
  'Find {}.',
]
const ZH_VALUE = [
  '{}是多少？',
  '请计算{}。',
  '求{}。',
  '我想知道{}。',
  '帮我算一下{}。',
  '请问{}是多少？',
  '给出{}。',
  '请告诉我{}。',
  '帮我查一下{}。',
]
const EN_VALUE = [
  'What is {}?',
  'Could you tell me {}?',
  'Give me {}.',
  'Tell me {}.',
  'Find {}.',
  'Calculate {}.',
  'I need to know {}.',
  'Work out {}.',
]
const ZH_FIGURES = [
  '统计{}。',
  '{}分别是多少？',
  '请给出{}。',
  '计算{}。',
  '我想了解{}。',
  '帮我统计{}。',
  '请列出{}。',
]
const EN_FIGURES = [
  'Show {}.',
  'What is {}?',
  'Give me {}.',
  'Calculate {}.',
  'Please report {}.',
  'I would like to see {}.',
]
const ZH_COUNT = [
  '{}有多少？',
  '一共有多少{}？',
  '统计{}的数量。',
  '请计算{}的数量。',
  '帮我算一下{}的数量。',
  '{}的总数是多少？',
  '请问{}共有多少？',
  '我想知道有多少{}。',
]
const EN_COUNT = [
  'How many {} are there?',
  'What is the number of {}?',
  'Tell me the number of {}.',
  'Find the number of {}.',
  'What is the total number of {}?',
  'I need the number of {}.',
  'Count the {}.',
]

function ask(
  voice: Voice,
  noun: Both,
  order: Both | undefined,
  chinese: readonly string[],
  english: readonly string[],
): string {
  if (voice.language === 'en') {
    const body = order === undefined ? noun.en : `${noun.en}, ${order.en}`
    return sentence(agreeing(pick(voice.random, calculable(english, noun.en)), body).replace('{}', () => body)).replace(
      /\.\.$/,
      '.',
    )
  }
  const [before = '', after = ''] = pick(voice.random, fitting(chinese, noun.zh)).split('{}')
  const said = zh`${before}${noun.zh}${after}`
  if (order === undefined) return said
  return said.endsWith('？') ? `${said}${order.zh}。` : `${said.slice(0, -1)}，${order.zh}。`
}

const FIGURE = /^the (numbers?|average|total|sum|highest|lowest|percentage|median|deepest|earliest|latest) /

/** Figures are calculated, names are not: `the name of each customer and …`. Nobody waits for a verb behind a clause. */
function calculable(frames: readonly string[], noun: string): readonly string[] {
  const plain = / (whose|that|with|without|marked) /.test(noun)
    ? frames.filter((frame) => !/{} are/.test(frame))
    : frames
  return FIGURE.test(noun) ? plain : plain.filter((frame) => !/^(Calculate|Work out)/.test(frame))
}

/** What goes on after a comma ends no question, names are not calculated, and `有…` is not asked for by another 有. */
function fitting(frames: readonly string[], noun: string): readonly string[] {
  const plain = /[，；]/.test(noun) ? frames.filter((frame) => /{}(的数量)?。$/.test(frame)) : frames
  const known = /及其|，以及/.test(noun) ? plain.filter((frame) => !/算|^求/.test(frame)) : plain
  const apart = /^没?有/.test(noun) ? known.filter((frame) => !/有多少|有哪些/.test(frame)) : known
  return apart.length > 0 ? apart : frames
}

/** `What are the names of …` but `What is the name of each …`, and `What are the name and the number … for each …`; what comes after `of` may be called `food and drinks`. */
function agreeing(frame: string, noun: string): string {
  const [head = ''] = noun.split(/ (?:of|for each|whose|with|among|that|where) /)
  if (
    / and (the|average|total|sum|highest|lowest|earliest|latest|median) /.test(`${head} `) ||
    / and the (number|average|total|highest|lowest)/.test(noun)
  )
    return frame.replace('What is', 'What are')
  return / (of|for) each /.test(noun) ? frame.replace('What are', 'What is') : frame
}

function sentence(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())
}
