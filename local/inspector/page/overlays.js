import { button, h } from './dom.js'
import { t } from './language.js'

const TOAST_MS = 6_000

/** Says shortly what came of something. A mistake stays until it is dismissed. */
export function toast(text, isError = false) {
  const close = button('×', () => note.remove(), { kind: 'quiet round small', 'aria-label': t('close') })
  const note = h(
    'div',
    { class: isError ? 'toast bad' : 'toast', role: isError ? 'alert' : 'status' },
    h('p', {}, text),
    close,
  )
  document.getElementById('toasts').append(note)
  if (!isError) setTimeout(() => note.remove(), TOAST_MS)
}

/** Does something for a button: it can't be pressed meanwhile, and what goes wrong is said. */
export async function act(press, work) {
  press.setAttribute('aria-busy', 'true')
  press.disabled = true
  const hadFocus = document.activeElement === press || document.activeElement === document.body
  try {
    const said = await work()
    if (said) toast(said)
  } catch (error) {
    toast(error.message, true)
  } finally {
    press.disabled = false
    press.removeAttribute('aria-busy')
    if (hadFocus && document.activeElement === document.body) press.focus({ preventScroll: true })
  }
}

/** Opens the page's one dialog. @returns how to close it */
export function openDialog({ title, content, actions = [], wide = false, onClose = () => undefined }) {
  const dialog = document.getElementById('dialog')
  if (dialog.open) dialog.close()
  const close = button('×', () => dialog.close(), { kind: 'quiet round', 'aria-label': t('close') })
  dialog.className = wide ? 'wide' : ''
  dialog.setAttribute('aria-labelledby', 'dialog-title')
  dialog.replaceChildren(
    h('header', {}, h('h2', { id: 'dialog-title' }, title), close),
    h('div', { id: 'dialog-content' }, content),
    actions.length === 0 ? '' : h('footer', {}, actions),
  )
  dialog.onclick = (event) => {
    if (event.target === dialog) dialog.close()
  }
  dialog.addEventListener('close', onClose, { once: true })
  dialog.showModal()
  return () => dialog.close()
}

/** Asks before something that can't be taken back. @returns whether the person wants it */
export function confirm({ title, text, action, kind = 'danger' }) {
  return new Promise((resolve) => {
    const yes = button(action, () => decide(true), { kind, 'data-action': 'confirm' })
    const no = button(t('cancel'), () => decide(false), {})
    const close = openDialog({ title, content: h('p', {}, text), actions: [no, yes], onClose: () => resolve(false) })
    const decide = (answer) => {
      resolve(answer)
      close()
    }
    no.focus()
  })
}
