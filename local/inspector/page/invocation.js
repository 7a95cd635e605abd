import { call } from './api.js'
import { button, h } from './dom.js'
import { fateOf, fateText } from './fate.js'
import { durationText, momentText } from './format.js'
import { t } from './language.js'
import { act, confirm, openDialog, toast } from './overlays.js'

/** Everything that is known of one call, and the button that makes it again. */
export async function openInvocation(id) {
  try {
    show(await call(`invocations/${encodeURIComponent(id)}`))
  } catch (error) {
    toast(error.message, true)
  }
}

let open = null

function show(record) {
  const { id, request, function: name, replayable } = record
  const press = button(t('replay'), () => replay(press, record, close), {
    kind: 'primary',
    'data-action': 'replay',
    disabled: !replayable,
  })
  const close = openDialog({
    title: request ?? name,
    wide: true,
    content: contentOf(record),
    actions: [h('span', { class: 'soft' }, t('invocation_number', id)), press],
    onClose: () => (open = null),
  })
  open = record
  press.focus()
}

const contentOf = (record) => [
  fieldsOf(record),
  bodyOf(record),
  linesOf(record),
  h('p', { class: 'soft' }, noteOf(record)),
]

/** One that is looked at while it works is shown anew when it has ended. */
export async function renewInvocation(invocations) {
  const now = invocations.find(({ id }) => id === open?.id)
  if (now === undefined || now.durationMs === open.durationMs) return
  open = now
  const record = await call(`invocations/${encodeURIComponent(now.id)}`).catch(() => null)
  if (record === null || open?.id !== record.id) return
  const content = h('div', {}, contentOf(record))
  document.getElementById('dialog-content').replaceChildren(...content.childNodes)
}

function noteOf({ trigger, replayable }) {
  return replayable ? t(`replay_${trigger}`) : t('not_replayable')
}

function fieldsOf(record) {
  const { trigger, startedAt, durationMs, status, thrown } = record
  const rows = [
    [t('outcome'), h('span', { class: 'fate', 'data-fate': fateOf(record) }, fateText(record))],
    [t('means'), trigger === 'queue' && knowsFate(record) ? t(`means_${fateOf(record)}`) : null],
    [t('threw'), thrown],
    [t('status'), status === null ? null : `HTTP ${status}`],
    [t('trigger'), t(`trigger_${trigger}`)],
    [t('started'), momentText(startedAt)],
    [t('took'), durationMs === null ? null : durationText(durationMs)],
  ]
  return h(
    'dl',
    {},
    rows.filter(([, value]) => value !== null).flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  )
}

const knowsFate = (record) => fateOf(record) !== 'running'

function bodyOf({ message }) {
  return message === null
    ? null
    : [h('h3', {}, t('message')), h('pre', { tabindex: 0 }, JSON.stringify(message.body, null, 2))]
}

function linesOf({ lines, logs }) {
  if (lines.length === 0) return null
  const left = logs - lines.length
  const rows = lines.map(({ level, event, fields }) =>
    h('li', { 'data-level': level }, h('b', {}, event), ' ', h('span', { class: 'soft' }, fields)),
  )
  return [
    h('h3', {}, t('log_lines', logs)),
    h('ol', { class: 'log', tabindex: 0 }, rows),
    left > 0 ? h('p', { class: 'soft' }, t('lines_left', left)) : null,
  ]
}

async function replay(press, record, close) {
  const { id, trigger, request } = record
  const isRead = trigger !== 'http' || /^(GET|HEAD) /.test(request)
  const question = {
    title: t('replay_question'),
    text: t('replay_warning', request),
    action: t('replay'),
    kind: 'primary',
  }
  if (!isRead && !(await confirm(question))) return
  close()
  await act(press, async () => {
    await call(`invocations/${encodeURIComponent(id)}/replay`, {})
    return t('replayed', request ?? record.function)
  })
}
