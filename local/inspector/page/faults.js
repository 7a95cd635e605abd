import { call } from './api.js'
import { build, button, copyable, empty, h, showList } from './dom.js'
import { durationText, percentText } from './format.js'
import { t } from './language.js'
import { act, toast } from './overlays.js'

const RATES = ['drop', 'duplicate', 'reorder', 'crash', 'store', 'files']
const STOPS = [0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1] // fine where rates are usual
const STRUCK_SHOWN = 40
export const PRESETS = {
  calm: '',
  drizzle: 'drop=0.05,duplicate=0.1,delay=0..2s,reorder=0.2',
  storm: 'drop=0.05,duplicate=0.1,delay=0..2s,reorder=0.2,crash=0.02,store=0.01,files=0.01,skew=30s',
  crashes: 'crash=0.2,store=0.05',
}

export function showFaults(section, { faults }) {
  build(section, '', () => [
    h('header', {}, h('h2', { id: 'faults-title' }, t('faults')), h('span', { class: 'fate weather' })),
    h('p', { class: 'soft' }, t('faults_explained')),
    h(
      'div',
      { class: 'buttons presets', role: 'group', 'aria-label': t('presets') },
      Object.keys(PRESETS).map(presetButton),
    ),
    h('div', { class: 'sliders' }, RATES.map(slider)),
    h('div', { class: 'line' }, field('delay', '0..2s'), field('skew', '30s'), field('seed', '42')),
    settingsForm(),
    h('h3', {}, t('struck')),
    h('div', { class: 'struck' }),
  ])
  section.faults = faults
  const calm = isCalm(faults)
  const weather = section.querySelector('.weather')
  weather.dataset.fate = calm ? 'done' : 'retry'
  weather.textContent = t(calm ? 'all_calm' : 'in_force')
  for (const name of RATES) setSlider(section, name, faults[name])
  set(section, 'delay', faults.delay.maxMs === 0 ? '' : `${brief(faults.delay.minMs)}..${brief(faults.delay.maxMs)}`)
  set(section, 'skew', faults.skewMs === 0 ? '' : brief(faults.skewMs))
  set(section, 'seed', faults.seed)
  set(section, 'settings', textOf(faults, {}))
  showPresets(section, faults)
  showStruck(section.querySelector('.struck'), faults, calm)
}

const isCalm = (faults) => RATES.every((name) => faults[name] === 0) && faults.delay.maxMs === 0 && faults.skewMs === 0
const brief = (ms) => (ms % 1_000 === 0 ? `${ms / 1_000}s`.replace(/^0s$/, '0') : `${ms}ms`)
const sorted = (text) => text.split(',').toSorted().join()

/** The settings as HELIX_FAULTS takes them, with some of them changed. */
function textOf({ seed, delay, skewMs, ...rates }, changed) {
  const given = {
    seed,
    ...Object.fromEntries(RATES.map((name) => [name, rates[name] || ''])),
    delay: delay.maxMs === 0 ? '' : `${brief(delay.minMs)}..${brief(delay.maxMs)}`,
    skew: skewMs === 0 ? '' : brief(skewMs),
    ...changed,
  }
  return Object.entries(given)
    .filter(([name, value]) => value !== '' && (value !== 0 || name === 'seed'))
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}

/** What somebody is writing in is left alone. */
function set(section, name, value) {
  const input = section.querySelector(`[name="${name}"]`)
  if (input !== document.activeElement && input.value !== String(value)) input.value = value
}

function setSlider(section, name, rate) {
  const input = section.querySelector(`[name="${name}"]`)
  const nearest = STOPS.reduce(
    (best, stop, index) => (Math.abs(stop - rate) < Math.abs(STOPS[best] - rate) ? index : best),
    0,
  )
  if (input.held) return
  input.value = nearest
  showRate(input, rate)
}

function showRate(input, rate) {
  input.setAttribute('aria-valuetext', percentText(rate))
  input.style.setProperty('--at', input.value / (STOPS.length - 1))
  input.nextElementSibling.textContent = rate === 0 ? '–' : percentText(rate)
}

function slider(name) {
  const move = ({ currentTarget: input }) => {
    input.held = true
    showRate(input, STOPS[input.valueAsNumber])
  }
  const change = async ({ currentTarget: input }) => {
    await send(input, { [name]: STOPS[input.valueAsNumber] })
    input.held = false
  }
  const id = `rate-${name}`
  const input = h('input', {
    id,
    name,
    type: 'range',
    min: 0,
    max: STOPS.length - 1,
    step: 1,
    value: 0,
    on: { input: move, change },
  })
  return h(
    'div',
    { class: 'slider' },
    h('label', { for: id, title: t(`fault_${name}_long`) }, t(`fault_${name}`)),
    input,
    h('output', { for: id }),
  )
}

function field(name, placeholder) {
  const change = ({ currentTarget: input }) => send(input, { [name]: input.value.trim() })
  const input = h('input', {
    id: `fault-${name}`,
    name,
    placeholder,
    autocomplete: 'off',
    spellcheck: 'false',
    on: { change },
  })
  return h('label', { class: 'field', for: input.id }, h('span', {}, t(`fault_${name}`)), input)
}

async function send(input, changed) {
  const { faults } = input.closest('section')
  await call('faults', { settings: textOf(faults, changed) }).catch((error) => toast(error.message, true))
}

function settingsForm() {
  const input = h('input', {
    id: 'fault-settings',
    name: 'settings',
    class: 'mono',
    placeholder: 'seed=42,drop=0.05',
    autocomplete: 'off',
    spellcheck: 'false',
  })
  const press = h('button', { type: 'submit' }, t('apply'))
  const submit = (event) => {
    event.preventDefault()
    void act(press, async () => {
      await call('faults', { settings: input.value })
      return t('faults_changed')
    })
  }
  return h(
    'form',
    { class: 'line', on: { submit } },
    h('label', { class: 'field', for: input.id }, h('span', {}, t('as_text')), input),
    press,
  )
}

function presetButton(name) {
  const press = (event) => {
    const { seed } = event.currentTarget.closest('section').faults
    return act(event.currentTarget, async () => {
      await call('faults', { settings: [`seed=${seed}`, PRESETS[name]].filter(Boolean).join(',') })
      return t('weather_set', t(`preset_${name}`))
    })
  }
  return button(t(`preset_${name}`), press, { 'data-preset': name, 'aria-pressed': 'false' })
}

function showPresets(section, faults) {
  const rates = textOf(faults, { seed: '' })
  for (const [name, text] of Object.entries(PRESETS)) {
    const same = sorted(rates) === sorted(text)
    section.querySelector(`[data-preset="${name}"]`).setAttribute('aria-pressed', String(same))
  }
}

function showStruck(box, { struck }, calm) {
  const latest = struck.slice(-STRUCK_SHOWN).toReversed()
  const teach = () =>
    calm
      ? [empty(t('struck_none_calm')), copyable('HELIX_FAULTS=seed=42,drop=0.05,crash=0.02 npx helix start', t('copy'))]
      : [empty(t('struck_none'))]
  build(box, latest.length === 0 ? `none ${calm}` : '', () =>
    latest.length === 0 ? teach() : [h('ol', { class: 'list blows', tabindex: 0, 'aria-label': t('struck') })],
  )
  if (latest.length === 0) return
  showList(box.querySelector('ol'), latest, {
    key: ({ point, number, fault }) => `${point} ${number} ${fault}`,
    make: ({ point, number, fault, value }) =>
      h(
        'li',
        {},
        h('span', { class: 'mono' }, point),
        h('b', {}, t('blow', fault)),
        h('span', { class: 'soft', title: whereText(number, fault, value) }, `${amount(fault, value)}#${number}`),
      ),
  })
}

function whereText(number, fault, value) {
  return fault.startsWith('crash') ? t('blow_inside', number, value) : t('blow_number', number)
}

function amount(fault, value) {
  if (value === undefined) return ''
  return fault === 'delay' || fault === 'skew'
    ? `${value < 0 ? '−' : ''}${durationText(Math.abs(value))} · `
    : `@${value} · `
}
