import { language } from './language.js'

/**
 * An element. Text only ever becomes a text node, so that nothing a server says can become markup.
 * `on` holds listeners, `vars` CSS variables; what is null, undefined or false is left out.
 */
export function h(name, props = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue
    if (key === 'on') for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener)
    else if (key === 'vars')
      for (const [name, given] of Object.entries(value)) made.style.setProperty(`--${name}`, given)
    else made.setAttribute(key, value === true ? '' : String(value))
  }
  made.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false))
  return made
}

/** @param kind `primary`, `danger`, `quiet` or nothing */
export function button(label, action, props = {}) {
  const { kind = '', ...rest } = props
  return h('button', { type: 'button', class: kind, on: { click: action }, ...rest }, label)
}

/** Shows `items` in order. What has not changed keeps its element, and with it the focus and what is selected. */
export function showList(list, items, { key, make }) {
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]))
  const focused = list.contains(document.activeElement) ? document.activeElement : null
  const focusKey = focused?.closest('[data-key]')?.dataset.key
  const shown = items.map((item) => {
    const sign = `${language()} ${JSON.stringify(item)}`
    const old = known.get(String(key(item)))
    if (old?.sign === sign) return old
    const made = make(item)
    made.dataset.key = key(item)
    made.sign = sign
    if (focusKey === made.dataset.key) made.wanted = focused.dataset.action ?? ''
    return made
  })
  if (shown.length !== list.children.length || shown.some((child, index) => list.children[index] !== child)) {
    arrange(list, shown)
  }
  const heir = shown.find((child) => child.wanted !== undefined)
  if (heir !== undefined) {
    const target = heir.querySelector(`[data-action="${heir.wanted}"]`) ?? heir.querySelector('button')
    heir.wanted = undefined
    target?.focus({ preventScroll: true })
  }
}

function arrange(list, shown) {
  const kept = new Set(shown)
  for (const child of [...list.children]) if (!kept.has(child)) child.remove()
  shown.forEach((child, index) => {
    if (list.children[index] !== child) list.insertBefore(child, list.children[index] ?? null)
  })
}

/** A section's head and what stands under it, built anew only when `sign` says so. */
export function build(section, sign, make) {
  const whole = `${language()} ${sign}`
  if (section.sign === whole) return false
  section.sign = whole
  section.replaceChildren(...make())
  return true
}

/** What teaches where there is nothing to show yet. @param code something to copy */
export function empty(text, code = null, copied = '') {
  return h('div', { class: 'empty' }, h('p', {}, text), code === null ? null : copyable(code, copied))
}

export function copyable(code, label) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code)
    } catch {
      return getSelection().selectAllChildren(text) // then a key does it
    }
    press.textContent = '✓'
    setTimeout(() => (press.textContent = label), 1_200)
  }
  const press = button(label, copy, { kind: 'quiet small' })
  const text = h('code', {}, code)
  return h('div', { class: 'code' }, text, press)
}
