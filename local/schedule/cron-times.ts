import cron from 'node-cron'

/** When a cron expression of five fields falls due, in UTC. */
export interface CronTimes {
  /** The first time after `at`; null where none comes within four years. */
  next(at: Date): Date | null
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const DAYS_MAX = 4 * 366 // a 29th of February comes within them

/** Where both the day of the month and the weekday are given, either is enough, as in every crontab. */
export function cronTimes(expression: string): CronTimes {
  const fields = cron.parse(expression)
  const days = new Set(fields.dayOfMonth)
  const weekdays = new Set(fields.dayOfWeek)
  const months = new Set(fields.month)
  const minutes = fields.hour.flatMap((hour) => fields.minute.map((minute) => hour * 60 + minute))
  const [everyDay, everyWeekday] = [expression.split(' ')[2] === '*', expression.split(' ')[4] === '*']
  const isDue = (day: Date): boolean => {
    if (!months.has(day.getUTCMonth() + 1)) return false
    const last = new Date(day.getTime() + DAY_MS).getUTCDate() === 1
    const byDay = days.has(day.getUTCDate()) || (last && days.has('L'))
    const byWeekday = weekdays.has(day.getUTCDay())
    return everyDay || everyWeekday ? byDay && byWeekday : byDay || byWeekday
  }
  return {
    next(at) {
      const fromMs = (Math.floor(at.getTime() / MINUTE_MS) + 1) * MINUTE_MS
      let dayMs = Math.floor(fromMs / DAY_MS) * DAY_MS
      for (let day = 0; day < DAYS_MAX; day++, dayMs += DAY_MS) {
        if (!isDue(new Date(dayMs))) continue
        const minute = minutes.find((one) => dayMs + one * MINUTE_MS >= fromMs)
        if (minute !== undefined) return new Date(dayMs + minute * MINUTE_MS)
      }
      return null
    },
  }
}

/** The next `count` times after `at`. */
export function nextTimes(times: CronTimes, at: Date, count: number): Date[] {
  const found: Date[] = []
  for (let next = times.next(at); next !== null && found.length < count; next = times.next(next)) found.push(next)
  return found
}
