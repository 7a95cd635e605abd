import { call, follow } from './api.js'
import { showClock, showTime } from './clock.js'
import { showCron } from './cron.js'
import { h } from './dom.js'
import { showFaults } from './faults.js'
import { setClock, tick } from './format.js'
import { renewInvocation } from './invocation.js'
import { showInvocations } from './invocations.js'
import { language, locale, switchLanguage, t } from './language.js'
import { openDialog } from './overlays.js'
import { showDead, showQueue } from './queue.js'

const APART_MS = 200 // between two looks, however much happens
const QUIET_MS = 10_000 // a look although nothing happened: messages become visible by time alone
const PANELS = {
  queue: showQueue,
  dead: showDead,
  invocations: showInvocations,
  clock: showClock,
  cron: showCron,
  faults: showFaults,
}

const byId = (id) => document.getElementById(id)
let state = null
let looking = false
let again = false

/** Reads everything and shows it. Asked for meanwhile, it does so once more. */
async function look() {
  if (looking) {
    again = true
    return
  }
  looking = true
  try {
    state = await call('state')
    setClock(state.clock)
    show()
    byId('gone').hidden = true
  } catch (error) {
    byId('gone').textContent = error.message
    byId('gone').hidden = false
  }
  setTimeout(() => {
    looking = false
    if (!again) return
    again = false
    void look()
  }, APART_MS)
}

function show() {
  for (const [id, panel] of Object.entries(PANELS)) panel(byId(id), state)
  void renewInvocation(state.invocations)
  const dead = state.queue.dead.length
  document.title = `${dead > 0 ? `(${dead}) ` : ''}Helix · ${t('inspector')}`
}

function live(kind) {
  byId('live').dataset.state = kind
  byId('live').textContent = t(kind)
}

function speak() {
  document.documentElement.lang = locale()
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t)
  byId('language').textContent = language() === 'zh' ? 'English' : '中文'
  byId('language').lang = language() === 'zh' ? 'en' : 'zh-CN'
  byId('help').setAttribute('aria-label', t('help'))
  live(byId('live').dataset.state)
  if (state !== null) show()
}

function change() {
  switchLanguage()
  speak()
}

function help() {
  const keys = [
    ['1 – 6', t('key_panels')],
    ['/', t('key_filter')],
    ['L', t('key_language')],
    ['?', t('key_help')],
    ['Esc', t('key_close')],
  ].flatMap(([key, text]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, text)])
  const fates = ['done', 'later', 'fenced', 'retry', 'dead'].flatMap((fate) => [
    h('dt', {}, h('span', { class: 'fate', 'data-fate': fate }, t(fate === 'done' ? 'done' : `fate_${fate}`))),
    h('dd', {}, t(`means_${fate}`)),
  ])
  const content = [
    h('p', {}, t('about')),
    h('h3', {}, t('keys')),
    h('dl', {}, keys),
    h('h3', {}, t('colours')),
    h('dl', {}, fates),
  ]
  openDialog({ title: t('help_title'), wide: true, content })
}

function onKey(event) {
  const { key, target } = event
  if (event.ctrlKey || event.metaKey || event.altKey || byId('dialog').open) return
  if (target.closest('input:not([type="range"]), select, textarea')) return
  const panel = Object.keys(PANELS)[Number(key) - 1]
  const action = { '/': () => byId('filter')?.focus(), '?': help, l: change, L: change }[key]
  if (panel === undefined && action === undefined) return
  event.preventDefault()
  if (action !== undefined) return action()
  byId(panel).focus({ preventScroll: true })
  byId(panel).scrollIntoView({ block: 'start', behavior: 'auto' })
}

byId('language').addEventListener('click', change)
byId('help').addEventListener('click', help)
document.addEventListener('keydown', onKey)
document.addEventListener('visibilitychange', () => document.hidden || look())
setInterval(() => {
  if (state === null) return
  showTime()
  tick()
}, 1_000)
setInterval(() => document.hidden || look(), QUIET_MS)
speak()
follow({
  onEvent: () => document.hidden || look(),
  onOpen: () => {
    live('live')
    void look()
  },
  onLost: () => live('lost'),
})
