/** One day of the two years that the sample tells about. */
export interface Day {
  /** `2024-02-10`. */
  readonly date: string
  /** From 0 on 2023-01-01. */
  readonly index: number
  /** 1 to 12. */
  readonly month: number
  /** 0 is Sunday. */
  readonly weekday: number
  readonly holiday: Holiday | null
  /** Where the day stands in its holiday: people travel on the first and the last one. */
  readonly isTravelDay: boolean
  /** The last working day before a holiday: people leave in the evening. */
  readonly isEve: boolean
  /** A weekend day that is worked, as compensation for a holiday. */
  readonly isMadeUp: boolean
  /** The weeks around the Spring Festival in which the whole country travels home and back. */
  readonly isSpringRush: boolean
}

export type Holiday = 'new-year' | 'spring' | 'qingming' | 'labour' | 'dragon-boat' | 'mid-autumn' | 'national'

const FIRST = Date.UTC(2023, 0, 1)
const LAST = Date.UTC(2024, 11, 31)
const DAY_MS = 86_400_000

// As the State Council announced them.
const HOLIDAYS: readonly (readonly [Holiday, first: string, last: string])[] = [
  ['new-year', '2022-12-31', '2023-01-02'],
  ['spring', '2023-01-21', '2023-01-27'],
  ['qingming', '2023-04-05', '2023-04-05'],
  ['labour', '2023-04-29', '2023-05-03'],
  ['dragon-boat', '2023-06-22', '2023-06-24'],
  ['national', '2023-09-29', '2023-10-06'],
  ['new-year', '2023-12-30', '2024-01-01'],
  ['spring', '2024-02-10', '2024-02-17'],
  ['qingming', '2024-04-04', '2024-04-06'],
  ['labour', '2024-05-01', '2024-05-05'],
  ['dragon-boat', '2024-06-08', '2024-06-10'],
  ['mid-autumn', '2024-09-15', '2024-09-17'],
  ['national', '2024-10-01', '2024-10-07'],
]
const MADE_UP: ReadonlySet<string> = new Set([
  ...['2023-01-28', '2023-01-29', '2023-04-23', '2023-05-06', '2023-06-25', '2023-10-07', '2023-10-08'],
  ...['2024-02-04', '2024-02-18', '2024-04-07', '2024-04-28', '2024-05-11', '2024-09-14', '2024-09-29', '2024-10-12'],
])
const SPRING_RUSHES: readonly (readonly [first: string, last: string])[] = [
  ['2023-01-07', '2023-02-15'],
  ['2024-01-26', '2024-03-05'],
]

/** Every day from 2023-01-01 to 2024-12-31. */
export const DAYS: readonly Day[] = Array.from({ length: (LAST - FIRST) / DAY_MS + 1 }, (_, index) => dayAt(index))

/** The date so many days later. */
export function dateAfter(date: string, days: number): string {
  return dateOf(Date.parse(date) + days * DAY_MS)
}

export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS
}

function dayAt(index: number): Day {
  const at = FIRST + index * DAY_MS
  const date = dateOf(at)
  const found = HOLIDAYS.find(([, first, last]) => date >= first && date <= last)
  const tomorrow = dateOf(at + DAY_MS)
  return {
    date,
    index,
    month: Number(date.slice(5, 7)),
    weekday: new Date(at).getUTCDay(),
    holiday: found?.[0] ?? null,
    isTravelDay: found !== undefined && (date === found[1] || date === found[2]),
    isEve: found === undefined && HOLIDAYS.some(([, first]) => first === tomorrow),
    isMadeUp: MADE_UP.has(date),
    isSpringRush: SPRING_RUSHES.some(([first, last]) => date >= first && date <= last),
  }
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
