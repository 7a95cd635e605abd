import { build, button, empty, h, showList } from './dom.js'
import { fateOf, fateText } from './fate.js'
import { durationText, timeText } from './format.js'
import { openInvocation } from './invocation.js'
import { t } from './language.js'

const STRIP_MAX = 80
const SHOWN_MAX = 100
const TRIGGERS = ['any', 'http', 'queue', 'cron']
const OUTCOMES = ['any', 'good', 'bad', 'running']

const filter = { trigger: 'any', outcome: 'any', text: '' }
let latest = []

export function showInvocations(section, { invocations }) {
  latest = invocations
  const none = invocations.length === 0
  build(section, none, () => [
    h(
      'header',
      {},
      h('h2', { id: 'invocations-title' }, t('invocations')),
      none ? '' : h('span', { class: 'soft' }, t('latest_kept')),
    ),
    ...(none
      ? [empty(t('invocations_empty'), `curl ${location.origin}/api/v1/health`, t('copy'))]
      : [
          h('div', { class: 'strip' }),
          filters(section),
          h('ul', { class: 'list calls' }),
          h('div', { class: 'unmatched' }),
        ]),
  ])
  if (!none) showMatching(section)
}

function showMatching(section) {
  const longest = Math.max(1, ...latest.map(({ durationMs }) => durationMs ?? 0))
  const found = latest.filter(matches)
  showList(section.querySelector('.strip'), found.slice(0, STRIP_MAX).toReversed(), {
    key: ({ id }) => id,
    make: (record) => barOf(record),
  })
  for (const bar of section.querySelectorAll('.strip > *')) bar.style.setProperty('--size', share(bar.ms, longest))
  showList(section.querySelector('.calls'), found.slice(0, SHOWN_MAX), { key: ({ id }) => id, make: rowOf })
  for (const bar of section.querySelectorAll('.took')) bar.style.setProperty('--size', share(bar.ms, longest))
  build(section.querySelector('.unmatched'), found.length === 0, () =>
    found.length === 0 ? [empty(t('unmatched')), clearButton(section)] : [],
  )
  for (const press of section.querySelectorAll('[data-filter]'))
    press.setAttribute('aria-pressed', String(filter[press.dataset.filter] === press.dataset.value))
}

/** Logarithmic: a millisecond is as far from ten as a second from ten. */
const share = (ms, longest) => (Math.log10(1 + Math.max(0, ms)) / Math.log10(1 + longest)).toFixed(3)

function matches(record) {
  const { trigger, outcome, text } = filter
  if (trigger !== 'any' && record.trigger !== trigger) return false
  const fate = fateOf(record)
  if (outcome === 'good' && fate !== 'done') return false
  if (outcome === 'bad' && (fate === 'done' || fate === 'running')) return false
  if (outcome === 'running' && fate !== 'running') return false
  return (
    text === '' ||
    JSON.stringify([record.function, record.request, record.message, record.status, record.thrown])
      .toLowerCase()
      .includes(text.toLowerCase())
  )
}

/** Seen, not read: the same calls are in the list below. */
function barOf(record) {
  const title = `${titleOf(record)} · ${fateText(record)}`
  const bar = h('i', {
    'data-fate': fateOf(record),
    title,
    'aria-hidden': 'true',
    on: { click: () => openInvocation(record.id) },
  })
  bar.ms = record.durationMs ?? 0
  return bar
}

const titleOf = ({ request, function: name }) => request ?? name

function rowOf(record) {
  const { id, trigger, message, durationMs, startedAt, thrown } = record
  const took = h('span', { class: 'took' }, durationMs === null ? '' : durationText(durationMs))
  took.ms = durationMs ?? 0
  const about = thrown ?? message?.body?.execution_id ?? ''
  return h(
    'li',
    {},
    h(
      'button',
      { type: 'button', class: 'call', 'data-action': 'open', on: { click: () => openInvocation(id) } },
      h('span', { class: 'fate', 'data-fate': fateOf(record) }, fateText(record)),
      h(
        'span',
        { class: 'what' },
        h('strong', { class: 'cut' }, titleOf(record)),
        about === '' ? null : h('code', { class: 'soft cut', title: about }, about),
      ),
      h('span', { class: 'soft kind' }, t(`trigger_${trigger}`)),
      took,
      h('time', { class: 'soft', datetime: startedAt }, timeText(startedAt)),
    ),
  )
}

function filters(section) {
  const choose = (group, value) => () => {
    filter[group] = value
    showMatching(section)
  }
  const group = (name, values) =>
    h(
      'div',
      { class: 'segments', role: 'group', 'aria-label': t(`filter_${name}`) },
      values.map((value) =>
        button(t(`${name}_${value}`), choose(name, value), { 'data-filter': name, 'data-value': value }),
      ),
    )
  const input = ({ currentTarget }) => {
    filter.text = currentTarget.value.trim()
    showMatching(section)
  }
  const search = h('input', {
    id: 'filter',
    type: 'search',
    placeholder: t('filter_hint'),
    'aria-label': t('filter'),
    value: filter.text,
    autocomplete: 'off',
    spellcheck: 'false',
    on: { input },
  })
  return h('div', { class: 'filters' }, group('trigger', TRIGGERS), group('outcome', OUTCOMES), search)
}

function clearButton(section) {
  const clear = () => {
    Object.assign(filter, { trigger: 'any', outcome: 'any', text: '' })
    section.querySelector('#filter').value = ''
    showMatching(section)
  }
  return button(t('show_all'), clear)
}
