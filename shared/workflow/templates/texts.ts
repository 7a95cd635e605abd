import { rows } from './rows.ts'
import type { Template } from './template.ts'

/** Templates for texts and units. */
export const TEXT_TEMPLATES: readonly Template[] = [
  {
    id: 'unit_conversion',
    suffix: 'unit_converter',
    title: { zh: '单位换算', en: 'Unit conversion' },
    words: [
      [/单位(?:换算|转换)|换算|华氏|摄氏|公里|英里|千克|磅/, 4],
      [
        /(?:convert|conversion)\b.{0,40}\b(?:units?|km|kilomet(?:er|re)s?|miles?|kg|pounds?|celsius|fahrenheit|bytes?|hours?|minutes?|feet|inches)|unit conver(?:sion|ter)/i,
        5,
      ],
    ],
    inputs: [
      {
        name: 'value',
        type: 'number',
        about: { zh: '数值', en: 'The number' },
        hints: /value|amount|number|length|weight|temperature|distance/,
      },
      {
        name: 'from_unit',
        type: 'string',
        default: 'km',
        about: { zh: '原单位', en: 'Its unit' },
        hints: /from|source/,
      },
      {
        name: 'to_unit',
        type: 'string',
        default: 'm',
        about: { zh: '目标单位', en: 'The unit that is wanted' },
        hints: /to_|target/,
      },
    ],
    outputs: [
      {
        name: 'result',
        type: 'number',
        about: { zh: '换算结果', en: 'The number in that unit' },
        hints: /result|converted|value/,
      },
    ],
    code: (at) => `const UNITS = {
  length: { mm: 0.001, cm: 0.01, m: 1, km: 1000, inch: 0.0254, ft: 0.3048, yard: 0.9144, mile: 1609.344 },
  mass: { mg: 1e-6, g: 0.001, kg: 1, t: 1000, oz: 0.028349523125, lb: 0.45359237 },
  time: { ms: 0.001, s: 1, min: 60, h: 3600, day: 86400, week: 604800 },
  area: { m2: 1, km2: 1e6, ha: 10000, mu: 2000 / 3, acre: 4046.8564224 },
  volume: { ml: 0.001, l: 1, m3: 1000, gal: 3.785411784 },
  data: { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4 },
}
const TO_KELVIN = { c: (n) => n + 273.15, f: (n) => ((n - 32) * 5) / 9 + 273.15, k: (n) => n }
const FROM_KELVIN = { c: (n) => n - 273.15, f: (n) => ((n - 273.15) * 9) / 5 + 32, k: (n) => n }

function main(inputs) {
  const from = ${at.in('from_unit')}.toLowerCase()
  const to = ${at.in('to_unit')}.toLowerCase()
  if (from in TO_KELVIN && to in FROM_KELVIN) {
    return { ${at.out('result')}: FROM_KELVIN[to](TO_KELVIN[from](${at.in('value')})) }
  }
  const kind = Object.values(UNITS).find((units) => from in units && to in units)
  if (kind === undefined) throw new Error('Cannot convert ' + from + ' to ' + to)
  return { ${at.out('result')}: (${at.in('value')} * kind[from]) / kind[to] }
}
`,
    tests: [
      { inputs: { value: 2, from_unit: 'km', to_unit: 'm' }, outputs: { result: 2000 } },
      { inputs: { value: 100, from_unit: 'C', to_unit: 'F' }, outputs: { result: 212 } },
    ],
  },
  {
    id: 'clean_text',
    suffix: 'text_cleaner',
    title: { zh: '文本清洗', en: 'Text clean-up' },
    words: [
      [/文本(?:清洗|清理|规范化|标准化)|清洗文本|清理文本|去(?:除|掉)(?:多余)?空格|全角/, 5],
      [
        /(?:clean(?:s|ing)?(?:[ -]up)?|normali[sz]e|trim|tidy)\b.{0,20}\b(?:text|strings?|names?|whitespace)|text clean/i,
        5,
      ],
    ],
    inputs: [
      {
        name: 'text',
        type: 'string',
        about: { zh: '文本', en: 'The text' },
        hints: /text|name|title|content|string|comment/,
      },
      { name: 'lower_case', type: 'boolean', default: false, about: { zh: '转为小写', en: 'In lower case' } },
    ],
    outputs: [{ name: 'cleaned', type: 'string', about: { zh: '清洗后的文本', en: 'The text, cleaned up' } }],
    code: (at) => `function main(inputs) {
  // Full-width forms become usual ones; invisible characters and repeated white space go.
  const cleaned = ${at.in('text')}
    .normalize('NFKC')
    .replace(/[\\u200b-\\u200f\\u2060\\ufeff]/g, '')
    .replace(/\\s+/g, ' ')
    .trim()
  return { ${at.out('cleaned')}: ${at.in('lower_case')} ? cleaned.toLowerCase() : cleaned }
}
`,
    tests: [{ inputs: { text: '  Ｈｅｌｉｘ \t  node\u200b ', lower_case: true }, outputs: { cleaned: 'helix node' } }],
  },
  {
    id: 'word_count',
    suffix: 'word_counter',
    title: { zh: '词频统计', en: 'Word count' },
    words: [
      [/词频|字数|单词数|关键词统计/, 5],
      [/word (?:count|frequenc)|count (?:the )?words|keyword count/i, 5],
    ],
    inputs: [
      { name: 'text', type: 'string', about: { zh: '文本', en: 'The text' }, hints: /text|content|comment|body/ },
      {
        name: 'top',
        type: 'integer',
        default: 10,
        about: { zh: '保留多少个词', en: 'How many words to keep' },
        hints: /top|limit|^n$/,
      },
    ],
    outputs: [
      { ...rows, name: 'words', about: { zh: '词及其次数', en: 'Words with how often they appear' } },
      { name: 'total', type: 'integer', about: { zh: '总词数', en: 'How many words there are' } },
    ],
    code: (at) => `function main(inputs) {
  const words = ${at.in('text')}.toLowerCase().match(/[\\p{Script=Han}]|[\\p{L}\\p{N}']+/gu) ?? []
  const counts = new Map()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  const ordered = [...counts].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
  return {
    ${at.out('words')}: ordered.slice(0, ${at.in('top')}).map(([word, count]) => ({ word, count })),
    ${at.out('total')}: words.length,
  }
}
`,
    tests: [{ inputs: { text: 'One two one', top: 1 }, outputs: { words: [{ word: 'one', count: 2 }], total: 3 } }],
  },
  {
    id: 'mask',
    suffix: 'masker',
    title: { zh: '脱敏', en: 'Masking' },
    words: [
      [/脱敏|打码|掩码|隐藏(?:手机|电话|邮箱|身份证)/, 5],
      [/\bmask(?:s|ed|ing)?\b|redact|anonymi[sz]e/i, 5],
    ],
    inputs: [
      rows,
      {
        name: 'columns',
        type: 'list<string>',
        default: ['phone', 'email'],
        about: { zh: '要脱敏的列', en: 'The columns to mask' },
        hints: /column|field|key/,
      },
      {
        name: 'keep',
        type: 'integer',
        default: 2,
        about: { zh: '两端保留的字符数', en: 'How many characters stay at each end' },
        hints: /keep/,
      },
    ],
    outputs: [{ ...rows, about: { zh: '脱敏后的记录', en: 'The records, masked' } }],
    passes: { input: 'rows', output: 'rows' },
    code: (at) => `function main(inputs) {
  const keep = Math.max(0, ${at.in('keep')})
  const mask = (value) => {
    const text = String(value)
    if (text.length <= 2 * keep) return '*'.repeat(text.length)
    return text.slice(0, keep) + '*'.repeat(text.length - 2 * keep) + text.slice(text.length - keep)
  }
  const masked = ${at.in('rows')}.map((row) => {
    const copy = { ...row }
    for (const name of ${at.in('columns')}) if (copy[name] !== null && copy[name] !== undefined) copy[name] = mask(copy[name])
    return copy
  })
  return { ${at.out('rows')}: masked }
}
`,
    tests: [
      {
        inputs: {
          rows: [
            { name: 'Ann', phone: '13812345678' },
            { name: 'Bo', phone: null },
          ],
          columns: ['phone'],
          keep: 2,
        },
        outputs: {
          rows: [
            { name: 'Ann', phone: '13*******78' },
            { name: 'Bo', phone: null },
          ],
        },
      },
    ],
  },
]
