import { type Random, seededRandom, seedOf } from '../../../shared/platform/random.ts'
import type { Day, Holiday } from './calendar.ts'
import { DAYS } from './calendar.ts'

/** As the enum `bss_vehicle_type` lists them. */
export const VEHICLE_TYPES = ['小型客车', '大型客车', '货车', '危化品车'] as const
export type VehicleType = (typeof VEHICLE_TYPES)[number]

// Only the four basic operations: sines and logarithms differ in their last digits between machines.
const CARS_BY_MONTH = [0.94, 1.02, 0.94, 1, 1, 0.96, 1.12, 1.16, 1, 1.04, 0.92, 0.9]
const CARS_BY_WEEKDAY = [1.18, 0.98, 0.95, 0.96, 1, 1.16, 1.22]
const CARS_BY_HOLIDAY: Record<Holiday, number> = {
  'new-year': 1.35,
  spring: 2.2,
  qingming: 1.6,
  labour: 2.05,
  'dragon-boat': 1.5,
  'mid-autumn': 1.5,
  national: 2.15,
}
// Tank lorries must stay off the road on the long holidays, when cars pay no toll.
const LONG_HOLIDAYS: ReadonlySet<Holiday> = new Set<Holiday>(['spring', 'labour', 'national'])
const CARS_GROWTH_PER_DAY = 0.00017 // about 12 % over the two years
const TRUCKS_GROWTH_PER_DAY = 0.00005
const BAD_WEATHER_SHARE = 0.03

const badWeather = drawBadWeather(seededRandom(seedOf('highway weather')))

/** How many of a kind of vehicle come on that day, 1 being an ordinary Thursday of January 2023. */
export function trafficFactor(type: VehicleType, day: Day): number {
  const weather = badWeather.has(day.date) ? 0.68 : 1
  switch (type) {
    case '小型客车':
      return carsFactor(day) * weather
    case '大型客车':
      return (1 + (carsFactor(day) - 1) * 0.4) * weather
    case '货车':
      return trucksFactor(day) * weather
    case '危化品车':
      return day.holiday !== null && LONG_HOLIDAYS.has(day.holiday) ? 0 : trucksFactor(day) * weather
  }
}

/** Close to 1, symmetric, most often near the middle. @param spread the farthest that it strays */
export function noise(random: Random, spread: number): number {
  return 1 + spread * ((random() + random() + random()) / 1.5 - 1)
}

function carsFactor(day: Day): number {
  const growth = 1 + day.index * CARS_GROWTH_PER_DAY
  const season = CARS_BY_MONTH[day.month - 1] ?? 1
  return growth * season * (day.isSpringRush ? 1.1 : 1) * carsByKindOfDay(day)
}

function carsByKindOfDay(day: Day): number {
  if (day.holiday !== null) return CARS_BY_HOLIDAY[day.holiday] * (day.isTravelDay ? 1.1 : 0.92)
  if (day.isEve) return 1.45
  return day.isMadeUp ? 1 : (CARS_BY_WEEKDAY[day.weekday] ?? 1)
}

function trucksFactor(day: Day): number {
  const growth = 1 + day.index * TRUCKS_GROWTH_PER_DAY
  const weekend = day.weekday === 0 || day.weekday === 6 ? 0.88 : 1
  if (day.holiday === 'spring') return growth * 0.3
  if (day.holiday !== null) return growth * 0.7
  return growth * weekend * (day.isSpringRush ? 0.8 : 1)
}

function drawBadWeather(random: Random): ReadonlySet<string> {
  return new Set(DAYS.filter(() => random() < BAD_WEATHER_SHARE).map(({ date }) => date))
}
