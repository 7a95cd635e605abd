/** The numbers by which QuickJS calls the host. */
export const HOST_CALL = { log: 1, random: 2, answer: 3, fail: 4 } as const

/**
 * What runs in QuickJS before anybody's code. It takes hold of what it needs, so that nothing which that code changes
 * is ever asked, and hands over text only. It gives the functions to call `main`, to settle what that gave, to wait
 * for it first, to tell of an error, and to tell where the code is.
 */
export const GUEST = `'use strict';
(function (log, random, answer, fail) {
  const { parse, stringify } = JSON
  const { isFinite } = Number
  const String_ = String
  const levels = { __proto__: null, debug: 0, log: 1, info: 1, warn: 2, error: 3 }
  const apply = Reflect.apply
  const { slice, includes } = String.prototype
  const Error_ = Error
  const TEXT_MAX = 2000

  const plain = (key, value) => {
    if (typeof value === 'bigint') return String_(value) + 'n'
    if (typeof value === 'function') return '[function]'
    if (typeof value === 'symbol' || typeof value === 'undefined') return String_(value)
    if (typeof value === 'number' && !isFinite(value)) return String_(value)
    return value
  }
  const shown = (value) => {
    if (typeof value === 'string') return value
    if (typeof value !== 'object' || value === null) return plain('', value) + ''
    try {
      if (value instanceof Error_) return String_(value.name) + ': ' + String_(value.message)
      return stringify(value, plain)
    } catch {
      return '[object]'
    }
  }
  const cut = (text) => (text.length > TEXT_MAX ? apply(slice, text, [0, TEXT_MAX]) + '…' : text)
  const console = {}
  for (const level in levels) {
    console[level] = (...values) => {
      let text = ''
      for (let i = 0; i < values.length && text.length <= TEXT_MAX; i++) text += (i === 0 ? '' : ' ') + cut(shown(values[i]))
      log(levels[level], cut(text))
    }
  }
  globalThis.console = console
  Math.random = () => random()

  // Writing JSON makes lists, which code can keep from being filled by what it gives all objects to inherit.
  const say = (told) => {
    let text = '{"kind":"stringify","message":"Object.prototype has been changed"}'
    try {
      text = stringify(told)
    } catch {}
    fail(text)
  }

  // Only asked when there is a null in the text, which may have been made of something that JSON has no word for.
  const lost = (key, value) => {
    const what = typeof value === 'number' ? (isFinite(value) ? '' : String_(value)) : typeof value
    if (what === 'NaN' || what === 'Infinity' || what === '-Infinity' || what === 'function' || what === 'symbol') {
      say({ __proto__: null, kind: 'lost', key: cut(key), what })
    }
    return value
  }
  const settle = (value) => {
    if (typeof value !== 'object' || value === null) {
      return say({ __proto__: null, kind: 'mismatch', what: value === null ? 'null' : typeof value })
    }
    let text
    try {
      text = stringify(value)
      if (typeof text === 'string' && apply(includes, text, ['null'])) stringify(value, lost)
    } catch (error) {
      return describe(error, 'stringify')
    }
    if (typeof text !== 'string') return say({ __proto__: null, kind: 'mismatch', what: 'left out' })
    answer(text.length, text)
  }
  const describe = (error, kind) => {
    const told = { __proto__: null, kind, name: null, message: '', stack: '' }
    try {
      if (typeof error === 'object' && error !== null) {
        const { name, message, stack } = error
        if (typeof name === 'string') told.name = cut(name)
        if (typeof stack === 'string') told.stack = cut(stack)
        told.message = cut(typeof message === 'string' ? message : shown(error))
      } else told.message = cut(shown(error))
    } catch {}
    say(told)
  }
  // Most nodes answer at once: no promise is made for them, which takes as long as all the rest.
  let given
  const call = (main, text) => {
    if (typeof main !== 'function') say({ __proto__: null, kind: 'no-main' })
    try {
      given = main(parse(text))
    } catch (error) {
      describe(error, 'thrown')
    }
  }
  const wait = async () => {
    let value
    try {
      value = await given
    } catch (error) {
      describe(error, 'thrown')
    }
    settle(value)
  }
  const end = () => {
    let later
    try {
      later = typeof given === 'object' && given !== null && typeof given.then === 'function'
    } catch (error) {
      describe(error, 'thrown')
    }
    if (later || typeof given === 'function') wait()
    else settle(given)
  }
  return [call, end, wait, describe, () => answer(0, cut(new Error_().stack))]
})
`
