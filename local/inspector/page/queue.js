import { call } from './api.js'
import { build, button, copyable, empty, h, showList } from './dom.js'
import { numberText, when } from './format.js'
import { t } from './language.js'
import { act, confirm } from './overlays.js'

const SHOWN_MAX = 60 // of the living; the bar tells of all
const STATES = ['ready', 'in_flight', 'later', 'dead']
const COUNTED = [
  'sent',
  'done',
  'later',
  'failed',
  'dead',
  'refused',
  'lost',
  'duplicated',
  'delayed',
  'reordered',
  'redriven',
]

const start = ([source = 'highway_db']) =>
  `curl -d '{"db_name": "${source}"}' ${location.origin}/api/v0/data_pipeline/tasks/execute-complete`

export function showQueue(section, { queue, sources }) {
  const none = queue.depth === 0
  build(section, none, () =>
    [
      h('header', {}, h('h2', { id: 'queue-title' }, t('queue')), purgeButton()),
      h('div', { class: 'share', 'aria-hidden': 'true' }, ...STATES.map((state) => h('i', { 'data-state': state }))),
      h('ul', { class: 'legend' }),
      none
        ? h('div', { class: 'empty' }, h('p', {}, t('queue_empty')), copyable(start(sources), t('copy')))
        : [h('ul', { class: 'list messages' }), h('p', { class: 'soft more' })],
      h('p', { class: 'soft since' }),
    ].flat(),
  )
  const counts = queue.states
  for (const part of section.querySelectorAll('.share i')) part.style.setProperty('--n', counts[part.dataset.state])
  showList(
    section.querySelector('.legend'),
    STATES.map((state) => [state, counts[state]]),
    {
      key: ([state]) => state,
      make: ([state, count]) =>
        h('li', { 'data-state': state }, h('b', {}, numberText(count)), ` ${t(`state_${state}`)}`),
    },
  )
  section.querySelector('.purge').hidden = queue.depth + counts.dead === 0
  section.querySelector('.purge').counts = [queue.depth, counts.dead]
  const told = COUNTED.filter((kind) => queue.counts[kind] > 0).map((kind) =>
    t('counted', t(`count_${kind}`), numberText(queue.counts[kind])),
  )
  section.querySelector('.since').textContent = told.length === 0 ? '' : `${t('since_start')} ${told.join(' · ')}`
  if (none) return
  const shown = queue.messages.toSorted((a, b) => rank(a) - rank(b)).slice(0, SHOWN_MAX)
  showList(section.querySelector('.messages'), shown, { key: ({ id }) => id, make: messageOf })
  const rest = queue.depth - shown.length
  section.querySelector('.more').textContent = rest > 0 ? t('and_more', numberText(rest)) : ''
}

/** Who works now comes first, then who is next: a long row of delayed messages hides neither. */
const rank = ({ state }) => ['in_flight', 'ready', 'later'].indexOf(state)

function messageOf(message) {
  const { state, visibleAt, reason } = message
  const wait = { in_flight: 'again', later: 'due' }[state]
  return h(
    'li',
    { class: 'message' },
    h('span', { class: 'fate', 'data-state': state }, t(`state_${state}`)),
    h('div', { class: 'what' }, ...nameOf(message), reason === null ? null : h('p', { class: 'reason soft' }, reason)),
    h('div', { class: 'numbers' }, numbersOf(message), wait === undefined ? null : when(visibleAt, wait)),
  )
}

function nameOf({ function: name, body }) {
  const id = body?.execution_id ?? JSON.stringify(body)
  return [h('strong', {}, name), h('code', { class: 'soft cut', title: id }, id)]
}

function numbersOf({ state, body, attempt, deliveries }) {
  const claim = body?.claim === undefined ? '' : `${t('claim', body.claim)} · `
  const tries = state === 'dead' ? t('failures', attempt) : t('attempt', attempt)
  return h('span', { class: 'soft' }, `${claim}${tries} · ${t('deliveries', deliveries)}`)
}

function purgeButton() {
  const purge = async ({ currentTarget: press }) => {
    const question = { title: t('purge_question'), text: t('purge_warning', ...press.counts), action: t('purge') }
    if (!(await confirm(question))) return
    await act(press, async () => t('purged', (await call('queue/purge', {})).purged))
  }
  return button(t('purge_ask'), purge, { kind: 'quiet purge' })
}

export function showDead(section, { queue: { dead } }) {
  build(section, dead.length === 0, () => [
    h(
      'header',
      {},
      h('h2', { id: 'dead-title' }, t('dead_letters'), h('span', { class: 'tally' })),
      dead.length === 0 ? '' : redriveAll(),
    ),
    dead.length === 0 ? empty(t('dead_empty')) : h('ul', { class: 'list' }),
  ])
  section.classList.toggle('alarm', dead.length > 0)
  section.querySelector('.tally').textContent = dead.length === 0 ? '' : numberText(dead.length)
  if (dead.length > 0) showList(section.querySelector('ul'), dead.toReversed(), { key: ({ id }) => id, make: letterOf })
}

function letterOf(message) {
  const redrive = button(t('redrive'), (event) => act(event.currentTarget, () => redriven({ id: message.id })), {
    'data-action': 'redrive',
    'aria-label': t('redrive_named', message.function),
  })
  return h(
    'li',
    { class: 'card letter' },
    h(
      'div',
      { class: 'what' },
      ...nameOf(message),
      h('p', { class: 'reason' }, message.reason ?? ''),
      h('p', { class: 'soft' }, numbersOf(message), ' · ', when(message.visibleAt, 'died')),
    ),
    redrive,
  )
}

function redriveAll() {
  return button(t('redrive_all'), (event) => act(event.currentTarget, () => redriven({})), {
    kind: 'primary',
    'data-action': 'redrive-all',
  })
}

async function redriven(which) {
  return t('redriven', (await call('queue/redrive', which)).redriven)
}
