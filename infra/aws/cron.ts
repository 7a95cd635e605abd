/** Where each field of a cron expression begins and ends. */
const FIELDS = [
  { name: 'minute', first: 0, last: 59 },
  { name: 'hour', first: 0, last: 23 },
  { name: 'day of month', first: 1, last: 31 },
  { name: 'month', first: 1, last: 12 },
] as const

const WEEKDAYS = /^(sun|mon|tue|wed|thu|fri|sat)([-,](sun|mon|tue|wed|thu|fri|sat))*$/i
const STEP = /^(\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/

/**
 * An expression of five fields as EventBridge wants it: six fields, one of the two days a question mark, no step of
 * everything. Both run in UTC.
 * @throws {Error} for what EventBridge can't say (a day of the month and a weekday), and for weekdays by number
 */
export function eventBridgeCron(expression: string): string {
  const fields = expression.trim().split(/\s+/)
  const weekday = fields[4]
  if (fields.length !== 5 || weekday === undefined) throw new Error(`"${expression}" needs five fields`)
  const [minute = '', hour = '', day = '', month = ''] = FIELDS.map((field, at) => fieldOf(fields[at] ?? '', field))
  if (weekday === '*') return `cron(${minute} ${hour} ${day} ${month} ? *)`
  if (day !== '*') throw new Error(`"${expression}" names days of the month and weekdays: EventBridge takes one`)
  if (!WEEKDAYS.test(weekday)) throw new Error(`"${expression}" needs weekdays by name`)
  return `cron(${minute} ${hour} ? ${month} ${weekday.toUpperCase()} *)`
}

function fieldOf(text: string, field: (typeof FIELDS)[number]): string {
  return text
    .split(',')
    .map((part) => partOf(part, field))
    .join(',')
}

function partOf(part: string, { name, first, last }: (typeof FIELDS)[number]): string {
  const [, range, from, to, step] = STEP.exec(part) ?? []
  const bad = new Error(`"${part}" is no ${name}`)
  if (range === undefined || (from !== undefined && to === undefined && step !== undefined)) throw bad
  const begin = Number(from ?? first)
  const end = range === '*' ? last : Number(to ?? from)
  if (begin < first || end > last || begin > end || step === '0') throw bad
  if (step === undefined) return part
  if (range === '*') return `${first}/${step}`
  // EventBridge knows steps from a beginning only, so that a range with steps is counted out.
  const count = Math.floor((end - begin) / Number(step)) + 1
  return Array.from({ length: count }, (_, at) => begin + at * Number(step)).join(',')
}
