export interface ExposedSeries {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const SERIES = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN|\+Inf)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y

/**
 * Reads Prometheus' text format 0.0.4 as strictly as promtool does.
 * @throws {Error} for the first line or family that breaks a rule
 */
export function checkExposition(text: string): ExposedSeries[] {
  if (!text.endsWith('\n')) throw new Error('The last line has no end')
  const series: ExposedSeries[] = []
  const seen = new Set<string>()
  const families = new Map<string, { type?: string; help?: string; over: boolean }>()
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line)
    if (comment !== null) {
      const [, kind = '', name = '', rest = ''] = comment
      const family = families.get(name) ?? { over: false }
      if (family.over) throw new Error(`${name} has lines in two places`)
      if (current !== '' && current !== name) families.set(current, { ...families.get(current), over: true })
      if (kind === 'HELP' && family.help !== undefined) throw new Error(`${name} has two HELP lines`)
      if (kind === 'TYPE' && !/^(counter|gauge|histogram|summary|untyped)$/.test(rest)) throw new Error(line)
      families.set(name, { ...family, ...(kind === 'HELP' ? { help: rest } : { type: rest }) })
      current = name
      continue
    }
    const match = SERIES.exec(line)
    if (match === null) throw new Error(`This line is no series: ${line}`)
    const [, name = '', labelText = '', value = ''] = match
    const type = families.get(current)?.type
    const base = type === 'histogram' ? name.replace(/_(bucket|sum|count)$/, '') : name
    if (base !== current || type === undefined) throw new Error(`${name} comes without its HELP and TYPE`)
    if (type === 'counter' && !name.endsWith('_total')) throw new Error(`The counter ${name} does not end in _total`)
    const labels = labelsOf(labelText)
    const key = `${name} ${JSON.stringify(Object.entries(labels).toSorted())}`
    if (seen.has(key)) throw new Error(`There are two series ${line}`)
    seen.add(key)
    series.push({ name, labels, value: Number(value.replace('Inf', 'Infinity')) })
  }
  for (const [name, { type, help }] of families) {
    if (help === undefined || type === undefined) throw new Error(`${name} lacks HELP or TYPE`)
    if (type === 'histogram') checkHistogram(name, series)
  }
  return series
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text)
    if (match === null) throw new Error(`These are no labels: ${text}`)
    const [, name = '', value = ''] = match
    if (name in labels) throw new Error(`Two labels are named ${name}: ${text}`)
    labels[name] = value
  }
  return labels
}

/** Buckets only rise, end in +Inf, and that one is the count. */
function checkHistogram(name: string, series: readonly ExposedSeries[]): void {
  const groups = new Map<string, ExposedSeries[]>()
  for (const one of series.filter((candidate) => candidate.name === `${name}_bucket`)) {
    const { le: _, ...rest } = one.labels
    const key = JSON.stringify(rest)
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  for (const [key, buckets] of groups) {
    const of = (suffix: string) =>
      series.find((one) => one.name === name + suffix && JSON.stringify(one.labels) === key)?.value
    const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('+Inf', 'Infinity')))
    if (bounds.some((bound, place) => place > 0 && bound <= (bounds[place - 1] ?? 0)))
      throw new Error(`${name}: bounds`)
    if (buckets.some(({ value }, place) => value < (buckets[place - 1]?.value ?? 0))) throw new Error(`${name} falls`)
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name}${key} does not end in +Inf`)
    if (buckets.at(-1)?.value !== of('_count') || of('_sum') === undefined)
      throw new Error(`${name}${key}: count or sum`)
  }
}
