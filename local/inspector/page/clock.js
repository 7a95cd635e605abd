import { call } from './api.js'
import { build, button, h } from './dom.js'
import { dateText, serverNow, spanText, timeText } from './format.js'
import { t } from './language.js'
import { act, confirm } from './overlays.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const FAR_MS_MAX = 366 * DAY // what the runner takes
const ASK_FROM_MS = DAY // a jump that fires schedules hundreds of times

export function showClock(section, { clock }) {
  build(section, '', () => [
    h('header', {}, h('h2', { id: 'clock-title' }, t('clock'))),
    h('p', { class: 'face' }, h('time', { id: 'face-time' }), h('span', { id: 'face-date' })),
    h('p', { id: 'face-ahead', class: 'soft' }),
    h('div', { class: 'buttons' }, [MINUTE, HOUR, DAY].map(step)),
    custom(),
  ])
  const ahead = clock.offset_ms > 0 ? t('ahead', spanText(clock.offset_ms)) : ''
  document.getElementById('face-ahead').textContent = `${ahead === '' ? t('not_ahead') : ahead} · ${clock.time_zone}`
  const tag = document.getElementById('bar-ahead')
  tag.hidden = ahead === ''
  tag.textContent = ahead
  showTime()
}

/** The two faces of the clock, every second. */
export function showTime() {
  const time = timeText(serverNow())
  for (const id of ['face-time', 'bar-time']) {
    const face = document.getElementById(id)
    if (face !== null) face.textContent = time
  }
  const date = document.getElementById('face-date')
  if (date !== null) date.textContent = dateText(serverNow())
}

function step(ms) {
  const name = t('advance_by', spanText(ms))
  return button(`+${spanText(ms)}`, (event) => advance(event.currentTarget, ms), {
    'aria-label': name,
    title: name,
    'data-ms': ms,
  })
}

function custom() {
  const amount = h('input', {
    id: 'advance-amount',
    type: 'number',
    min: 1,
    max: FAR_MS_MAX / MINUTE,
    step: 1,
    value: 15,
    required: true,
  })
  const units = [
    [MINUTE, 'minutes'],
    [HOUR, 'hours'],
    [DAY, 'days'],
  ].map(([ms, name]) => h('option', { value: ms }, t(name)))
  const limit = () => (amount.max = FAR_MS_MAX / Number(unit.value))
  const unit = h('select', { 'aria-label': t('unit'), on: { change: limit } }, units)
  const press = h('button', { type: 'submit' }, t('advance'))
  const submit = (event) => {
    event.preventDefault()
    void advance(press, amount.valueAsNumber * Number(unit.value))
  }
  const label = h('label', { for: 'advance-amount', class: 'hidden' }, t('advance_amount'))
  return h('form', { class: 'line', on: { submit } }, label, amount, unit, press)
}

async function advance(press, ms) {
  const question = {
    title: t('advance_question', spanText(ms)),
    text: t('advance_warning'),
    action: t('advance'),
    kind: 'primary',
  }
  if (ms >= ASK_FROM_MS && !(await confirm(question))) return
  await act(press, async () => {
    const { ticks } = await call('clock/advance', { ms })
    const fired = Object.entries(ticks).filter(([, count]) => count > 0)
    const list = fired.map(([name, count]) => t('fired_times', name, count)).join(t('comma'))
    return t('advanced', spanText(ms)) + (list === '' ? t('fired_none') : list) + t('stop')
  })
}
