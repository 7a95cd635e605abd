import { h } from './dom.js'
import { locale, t } from './language.js'

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

let clock = { now: Date.now(), seenAt: performance.now(), zone: undefined }

/** Takes over the server's clock: what it says is what the page goes by. */
export function setClock({ now, time_zone: zone }) {
  clock = { now: new Date(now).getTime(), seenAt: performance.now(), zone }
}
export const serverNow = () => clock.now + performance.now() - clock.seenAt

const format = (options) => new Intl.DateTimeFormat(locale(), { timeZone: clock.zone, hour12: false, ...options })
export const timeZone = () => clock.zone ?? 'UTC'

/** The instant at which the server's clocks show what was typed: `2028-02-29T12:00:00`. */
export function instantOf(typed) {
  const shown = new Date(`${typed}Z`).getTime()
  let instant = shown
  for (let round = 0; round < 2; round++) instant = shown - aheadMs(instant) // once more, for a change of the hour between
  return new Date(instant)
}

/** How far the server's clocks are ahead of UTC at that instant. */
function aheadMs(instant) {
  const fields = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }
  const shape = new Intl.DateTimeFormat('en', { timeZone: timeZone(), hourCycle: 'h23', ...fields })
  const { year, month, day, hour, minute, second } = Object.fromEntries(
    shape.formatToParts(instant).map(({ type, value }) => [type, value]),
  )
  return Date.UTC(year, month - 1, day, hour, minute, second) - instant
}

export const timeText = (at) => format({ timeStyle: 'medium' }).format(new Date(at))
export const dateText = (at) => format({ dateStyle: 'full' }).format(new Date(at))
export const momentText = (at) => format({ dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at))
/** Times to come: the day is left out where it is today, the year where it is this one. */
export function pointsText(times) {
  const texts = times.map(pointText)
  return texts.join(t(texts.some((text) => text.includes(',')) ? 'semicolon' : 'comma'))
}
function pointText(at) {
  const now = serverNow()
  const yearOf = (time) => format({ year: 'numeric' }).format(new Date(time))
  const year = yearOf(at) === yearOf(now) ? {} : { year: 'numeric' }
  const day = dateText(at) === dateText(now) ? {} : { day: 'numeric', month: 'short', ...year }
  return format({ hour: '2-digit', minute: '2-digit', ...day }).format(new Date(at))
}
export const numberText = (value) => new Intl.NumberFormat(locale()).format(value)
export const percentText = (rate) =>
  new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 2 }).format(rate)

/** `1 h 30 min`: the two largest units that are not empty. */
export function spanText(ms) {
  let rest = Math.round(Math.abs(ms) / 1_000) * 1_000
  const parts = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(unitText(count, unit))
  }
  return parts.slice(0, 2).join(' ') || unitText(0, 'second')
}

/** What a call took: `12 ms`, `1.4 s`. */
export function durationText(ms) {
  if (ms < 1) return `${unitText(1, 'millisecond').replace('1', '< 1')}`
  if (ms < 1_000) return unitText(Math.round(ms), 'millisecond')
  return ms < 60_000 ? unitText(Math.round(ms / 100) / 10, 'second') : spanText(ms)
}

function unitText(count, unit) {
  const units = locale() === 'en-GB' ? 'en-US' : locale() // which abbreviates without a plural: 3 sec
  return new Intl.NumberFormat(units, { style: 'unit', unit, unitDisplay: 'short' }).format(count)
}

/** A time as people say it, kept right by `tick`. @param mode `ago`, `died`, or what is to come: `in`, `due`, `again` */
export function when(at, mode) {
  const node = h('time', { datetime: at, 'data-when': mode, title: momentText(at) })
  node.textContent = whenText(at, mode)
  return node
}

/** Makes every time on the page right again. */
export function tick() {
  for (const node of document.querySelectorAll('time[data-when]')) {
    const text = whenText(node.dateTime, node.dataset.when)
    if (node.textContent !== text) node.textContent = text
  }
}

function whenText(at, mode) {
  const ms = new Date(at).getTime() - serverNow()
  if (mode === 'ago' || mode === 'died') return ms > -1_000 ? t(`${mode}_now`) : t(mode, spanShort(-ms))
  return ms < 1_000 ? t(`${mode}_now`) : t(mode, spanShort(ms))
}

/** The largest unit alone, as it is said of distances. */
function spanShort(ms) {
  const [unit, size] = UNITS.find(([, size]) => ms >= size) ?? UNITS[3]
  return ms < 600_000 && ms >= 60_000 ? spanText(ms) : unitText(Math.floor(ms / size), unit)
}
