import { CHINESE } from './chinese.js'
import { ENGLISH } from './english.js'

const KEY = 'helix.inspector.language'
const TEXTS = { en: ENGLISH, zh: CHINESE }

let chosen = remembered() ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en')

/** `en` or `zh`. */
export const language = () => chosen
export const locale = () => (chosen === 'zh' ? 'zh-CN' : 'en-GB')

/** A text in the chosen language. @param values what a text with blanks is given */
export function t(key, ...values) {
  const text = TEXTS[chosen][key]
  return typeof text === 'function' ? text(...values) : (text ?? key)
}

/** Whether there is such a text: what a server may name without our knowing it. */
export const knows = (key) => key in ENGLISH

export function switchLanguage() {
  chosen = chosen === 'zh' ? 'en' : 'zh'
  try {
    localStorage.setItem(KEY, chosen)
  } catch {
    // A browser that keeps nothing asks its own settings again next time.
  }
}

function remembered() {
  try {
    const kept = localStorage.getItem(KEY)
    return kept in TEXTS ? kept : null
  } catch {
    return null
  }
}
