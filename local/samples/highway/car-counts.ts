import { type Random, seededRandom, seedOf } from '../../../shared/platform/random.ts'
import { DAYS, type Day } from './calendar.ts'
import type { TableData, Value } from './table-data.ts'
import { noise, trafficFactor, VEHICLE_TYPES, type VehicleType } from './traffic-factors.ts'

interface Counter {
  readonly areaId: number
  readonly from: string
  /** Vehicles on an ordinary Thursday of January 2023, in the order of the types. */
  readonly cars: readonly number[]
}

const COUNTERS: readonly Counter[] = [
  { areaId: 1, from: '2023-01-01', cars: [3050, 86, 1040, 38] },
  { areaId: 2, from: '2023-01-01', cars: [2840, 81, 1115, 41] },
  { areaId: 5, from: '2024-01-01', cars: [3320, 104, 880, 27] },
  { areaId: 9, from: '2023-09-26', cars: [1780, 52, 760, 30] },
  { areaId: 10, from: '2023-09-26', cars: [1690, 49, 805, 33] },
]
const STAY_MINUTES: Record<VehicleType, number> = { 小型客车: 21, 大型客车: 26, 货车: 48, 危化品车: 24 }
const STAY_UNKNOWN_SHARE = 0.008 // the camera at the exit was out of order

/** Vehicles that entered, by day, area and type. A counter that was struck by lightning left a gap of three days. */
export function carCounts(): TableData {
  const random = seededRandom(seedOf('highway cars'))
  const rows = DAYS.flatMap((day) =>
    COUNTERS.filter((counter) => isCounting(counter, day)).flatMap((counter) => rowsOf(counter, day, random)),
  )
  const columns = ['service_area_id', 'count_date', 'vehicle_type', 'car_count', 'average_stay_minutes']
  return { table: 'bss_car_day_count', columns, rows }
}

function isCounting({ areaId, from }: Counter, { date }: Day): boolean {
  const isStruck = areaId === 2 && date >= '2023-07-18' && date <= '2023-07-20'
  return date >= from && !isStruck
}

function rowsOf({ areaId, cars }: Counter, day: Day, random: Random): Value[][] {
  return VEHICLE_TYPES.map((type, at) => {
    const count = Math.round((cars[at] ?? 0) * trafficFactor(type, day) * noise(random, 0.09))
    const longer = day.holiday === null ? 1 : 1.18 // queues at the restaurant and at the chargers
    const tenths = Math.round(STAY_MINUTES[type] * 10 * longer * noise(random, 0.14))
    const isUnknown = random() < STAY_UNKNOWN_SHARE || count === 0
    return [areaId, day.date, type, count, isUnknown ? null : `${Math.floor(tenths / 10)}.${tenths % 10}`]
  })
}
