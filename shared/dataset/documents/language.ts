const CHINESE = /\p{Script=Han}/gu
const WORD = /[\p{L}\p{N}]+/gu
const CHINESE_SHARE_MIN = 0.2 // Chinese text about a database is full of English names; English text has no Chinese

/** The language to write in: the setting, or under `auto` the one that the texts (business context, comments) are in. */
export function detectLanguage(setting: 'zh' | 'en' | 'auto', texts: readonly string[]): 'zh' | 'en' {
  if (setting !== 'auto') return setting
  let chinese = 0
  let other = 0
  for (const text of texts) {
    chinese += text.match(CHINESE)?.length ?? 0
    other += text.replaceAll(CHINESE, ' ').match(WORD)?.length ?? 0
  }
  // A Chinese word has about two characters, so two weigh as much as one word of another script.
  return chinese > 0 && chinese / 2 / (chinese / 2 + other) >= CHINESE_SHARE_MIN ? 'zh' : 'en'
}
