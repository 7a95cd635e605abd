import { call } from './api.js'
import { build, button, empty, h, showList } from './dom.js'
import { instantOf, pointsText, timeZone, when } from './format.js'
import { knows, t } from './language.js'
import { act, openDialog, toast } from './overlays.js'

export function showCron(section, { cron }) {
  build(section, cron.length === 0, () => [
    h('header', {}, h('h2', { id: 'cron-title' }, t('schedules'))),
    cron.length === 0 ? empty(t('no_schedules')) : h('ul', { class: 'list' }),
  ])
  const list = section.querySelector('ul')
  if (list !== null) showList(list, cron, { key: ({ name }) => name, make: entryOf })
}

function entryOf({ name, cron, next, last }) {
  const [soonest, ...more] = next
  const later = pointsText(more)
  const fire = button(t('fire'), (event) => act(event.currentTarget, () => fireNow(name)), {
    'data-action': 'fire',
    'aria-label': t('fire_named', name),
  })
  const at = button(t('fire_at'), () => askTime(name), {
    kind: 'quiet',
    'data-action': 'at',
    'aria-label': t('fire_at_named', name),
  })
  const says = `says_${name}`
  return h(
    'li',
    { class: 'card' },
    h(
      'div',
      { class: 'card-head' },
      h('strong', { class: 'mono' }, name),
      h('code', { class: 'soft', title: t('in_utc') }, cron),
    ),
    knows(says) ? h('p', { class: 'soft' }, t(says)) : null,
    h(
      'p',
      {},
      `${t('next')} `,
      soonest === undefined ? t('never') : when(soonest, 'in'),
      later === '' ? '' : h('span', { class: 'soft' }, ` · ${t('afterwards', later)}`),
    ),
    h('p', {}, last === null ? h('span', { class: 'soft' }, t('not_fired')) : outcome(last)),
    h('div', { class: 'buttons' }, fire, at),
  )
}

function outcome({ at, status, answer }) {
  const good = status < 400
  const chip = h(
    'span',
    { class: 'fate', 'data-fate': good ? 'done' : 'dead' },
    `${good ? t('done') : t('failed')} · ${status}`,
  )
  return [chip, ' ', when(at, 'ago'), h('span', { class: 'counts' }, answerText(answer))]
}

/** `zombies 0 · resent 2` of an object with counts, broken only between them; anything else as it is. */
function answerText(answer) {
  if (answer === null || typeof answer !== 'object' || Array.isArray(answer))
    return answer === null ? '' : String(answer)
  return Object.entries(answer)
    .map(([name, value]) => `${name}\u00a0${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join('\u00a0· ')
}

async function fireNow(name, at) {
  const { fired, status } = await call(`cron/${encodeURIComponent(name)}/fire`, at === undefined ? {} : { at })
  return fired ? t('fired_answer', name, status) : t('still_running', name)
}

function askTime(name) {
  const input = h('input', { id: 'fire-time', type: 'datetime-local', step: 1, required: true })
  const press = button(t('fire'), () => fire(), { kind: 'primary', 'data-action': 'confirm' })
  const content = h(
    'div',
    {},
    h('p', {}, t('fire_at_explained')),
    h('label', { for: 'fire-time' }, t('fire_at_time', timeZone())),
    input,
  )
  const close = openDialog({ title: t('fire_named', name), content, actions: [press] })
  const fire = async () => {
    if (!input.reportValidity()) return
    const at = instantOf(input.value).toISOString()
    close()
    await fireNow(name, at).then(toast, (error) => toast(error.message, true))
  }
  input.focus()
}
