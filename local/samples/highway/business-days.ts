import { type Random, seededRandom, seedOf } from '../../../shared/platform/random.ts'
import { DAYS, type Day, dateAfter, daysBetween } from './calendar.ts'
import { type Category, isTrading, MERCHANTS, type Merchant } from './merchants.ts'
import { type TableData, type Value, yuan } from './table-data.ts'
import { noise, trafficFactor } from './traffic-factors.ts'

interface Trade {
  /** What one order costs, in cents, in January 2023. */
  readonly orderCents: number
  /** How strongly business follows the traffic: 1 is in step with it. */
  readonly followsCars: number
  readonly followsTrucks: number
  /** Months in which more is bought, and how much more. */
  readonly season: Readonly<Record<number, number>>
}

const TRADES: Record<Category, Trade> = {
  餐饮: { orderCents: 3_860, followsCars: 0.8, followsTrucks: 0.15, season: {} },
  便利店: { orderCents: 2_240, followsCars: 0.7, followsTrucks: 0.2, season: { 6: 1.06, 7: 1.12, 8: 1.12 } },
  小吃: { orderCents: 1_780, followsCars: 0.85, followsTrucks: 0.1, season: { 11: 1.05, 12: 1.08, 1: 1.08 } },
  茶饮咖啡: {
    orderCents: 2_150,
    followsCars: 0.9,
    followsTrucks: 0,
    season: { 5: 1.1, 6: 1.2, 7: 1.3, 8: 1.28, 9: 1.1 },
  },
  土特产: { orderCents: 7_450, followsCars: 1.1, followsTrucks: 0, season: { 1: 1.3, 2: 1.25, 9: 1.2, 10: 1.1 } },
  汽车维修: { orderCents: 21_500, followsCars: 0.15, followsTrucks: 0.6, season: { 7: 1.15, 8: 1.15 } },
}
const PRICES_PER_DAY = 0.00008 // nearly 6 % in two years
const RAMP_DAYS = 60 // a new shop needs about two months to become known
const UNREPORTED_SHARE = 0.002 // the till was down and nobody entered the day afterwards
const BY_HAND_SHARE = 0.015

const COLUMNS = [
  ...['service_area_id', 'merchant_id', 'business_date', 'wx_amount', 'wx_order_count', 'zfb_amount'],
  ...['zfb_order_count', 'cash_amount', 'cash_order_count', 'card_amount', 'card_order_count'],
  ...['data_source', 'recorded_at'],
]

/** What each shop took, day by day, by kind of payment. */
export function businessDays(): TableData {
  const random = seededRandom(seedOf('highway business'))
  const rows = DAYS.flatMap((day) =>
    MERCHANTS.filter((merchant) => isTrading(merchant, day.date))
      .map((merchant) => rowOf(merchant, day, random))
      .filter(() => random() >= UNREPORTED_SHARE),
  )
  return { table: 'bss_business_day_data', columns: COLUMNS, rows }
}

function rowOf(merchant: Merchant, day: Day, random: Random): Value[] {
  const trade = TRADES[merchant.category]
  const cents = trade.orderCents * (1 + day.index * PRICES_PER_DAY) * noise(random, 0.05)
  const orders = (merchant.dailyYuan * 100 * demand(merchant, trade, day) * noise(random, 0.12)) / trade.orderCents
  const progress = day.index / DAYS.length // from cash to the phone
  const card = merchant.takesCards ? 0.045 - 0.01 * progress : 0
  const cash = 0.1 - 0.045 * progress
  const zfb = 0.29 + 0.01 * progress
  const paid = (share: number): [string, number] => {
    const count = Math.round(orders * share * noise(random, 0.1))
    return [yuan(Math.round(count * cents * noise(random, 0.06))), count]
  }
  return [
    ...[merchant.areaId, merchant.id, day.date],
    ...[...paid(1 - zfb - cash - card), ...paid(zfb), ...paid(cash)],
    ...(merchant.takesCards ? paid(card) : [null, null]),
    ...record(day, random),
  ]
}

/** How much is bought, 1 being an ordinary day of a shop that people know. */
function demand({ openedOn }: Merchant, { followsCars, followsTrucks, season }: Trade, day: Day): number {
  const cars = trafficFactor('小型客车', day) - 1
  const trucks = trafficFactor('货车', day) - 1
  const age = daysBetween(openedOn, day.date)
  const known = age >= RAMP_DAYS ? 1 : 0.65 + (0.35 * age) / RAMP_DAYS
  return (1 + cars * followsCars + trucks * followsTrucks) * (season[day.month] ?? 1) * known
}

/** Tills report at the morning's change of shifts; people enter what is missing some days later, in office hours. */
function record({ date }: Day, random: Random): [source: string, at: string] {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const minutes = `${two(random() * 60)}:${two(random() * 60)}`
  if (random() >= BY_HAND_SHARE) return ['系统采集', `${dateAfter(date, 1)} 08:${minutes}+08`]
  return ['人工补录', `${dateAfter(date, 2 + Math.floor(random() * 4))} ${two(9 + random() * 8)}:${minutes}+08`]
}
