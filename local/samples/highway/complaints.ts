import { type Random, seededRandom, seedOf } from '../../../shared/platform/random.ts'
import { DAYS, type Day, dateAfter } from './calendar.ts'
import { isTrading, MERCHANTS, type Merchant } from './merchants.ts'
import { AREAS, type Area } from './places.ts'
import { type TableData, type Value, yuan } from './table-data.ts'
import { trafficFactor } from './traffic-factors.ts'

interface Kind {
  readonly category: string
  /** Who is blamed: a shop, and of which trades; null for the service area itself. */
  readonly blames: readonly Merchant['category'][] | null
  readonly contents: readonly string[]
}

const FOOD = ['餐饮', '小吃', '茶饮咖啡'] as const
const KINDS: readonly Kind[] = [
  {
    category: '餐饮质量',
    blames: ['餐饮', '小吃'],
    contents: ['饭菜端上来已经凉了', '汤里吃出异物，要求退款', '米饭夹生，口感很差', '等餐超过四十分钟，孩子饿得直哭'],
  },
  {
    category: '价格争议',
    blames: [...FOOD, '便利店', '土特产', '汽车维修'],
    contents: ['标价与实际收费不一致', '同样的东西比市区贵一倍', '未提前说明就另收费用', '结账时发现多收了钱'],
  },
  {
    category: '服务态度',
    blames: [...FOOD, '便利店', '汽车维修'],
    contents: ['收银员爱答不理，问话不回', '要求开发票被拒绝', '工作人员态度生硬，催促顾客离开'],
  },
  {
    category: '环境卫生',
    blames: null,
    contents: ['卫生间地面积水，异味明显', '垃圾桶满溢无人清理', '洗手台没有洗手液和纸巾'],
  },
  {
    category: '停车拥堵',
    blames: null,
    contents: ['货车占用小车停车位，找不到地方停', '出口匝道堵了半个多小时，无人疏导', '停车场标线不清，差点剐蹭'],
  },
  {
    category: '设施故障',
    blames: null,
    contents: ['充电桩扫码后无法启动', '母婴室没有热水', '饮水机坏了一直没人修', '自助加油机无法识别银行卡'],
  },
]
const CHANNELS = ['客服热线', '客服热线', '小程序', '小程序', '小程序', '现场', '12345热线']
const COMPLAINTS_PER_AREA_DAY = 0.042 // some 350 in two years
const LAST_DATE = '2024-12-31'

const COLUMNS = [
  ...['id', 'service_area_id', 'merchant_id', 'complained_at', 'category', 'channel', 'content', 'status'],
  ...['closed_at', 'satisfaction', 'compensation_amount'],
]

/** What travellers complained about, oldest first; more on busy days. The last ones are not settled yet. */
export function complaints(): TableData {
  const random = seededRandom(seedOf('highway complaints'))
  const rows: Value[][] = []
  for (const day of DAYS) {
    const likely = COMPLAINTS_PER_AREA_DAY * trafficFactor('小型客车', day)
    for (const area of areasOpenOn(day.date)) {
      if (random() < likely) rows.push(rowOf(area, day, random))
    }
  }
  const sorted = rows.toSorted((one, other) => (String(one[2]) < String(other[2]) ? -1 : 1))
  return { table: 'bss_complaint', columns: COLUMNS, rows: sorted.map((row, at) => [at + 1, ...row]) }
}

function areasOpenOn(date: string): Area[] {
  const trading = new Set(MERCHANTS.filter((merchant) => isTrading(merchant, date)).map(({ areaId }) => areaId))
  return AREAS.filter(({ id }) => trading.has(id))
}

function rowOf(area: Area, { date }: Day, random: Random): Value[] {
  const shops = MERCHANTS.filter((merchant) => merchant.areaId === area.id && isTrading(merchant, date))
  const kind = pick(
    KINDS.filter(({ blames }) => blames === null || blamed(blames, shops).length > 0),
    random,
  )
  const shop = kind.blames === null ? null : pick(blamed(kind.blames, shops), random)
  return [
    area.id,
    shop?.id ?? null,
    `${date} ${clock(8, 14, random)}+08`,
    kind.category,
    pick(CHANNELS, random),
    pick(
      kind.contents.filter((content) => isPossible(content, area)),
      random,
    ),
    ...outcome(date, shop !== null, random),
  ]
}

/** Nobody complains about what a service area does not have. */
function isPossible(content: string, { services }: Area): boolean {
  return ['充电桩', '母婴室'].every((service) => !content.includes(service) || services.includes(service))
}

function blamed(trades: readonly Merchant['category'][], shops: readonly Merchant[]): Merchant[] {
  return shops.filter(({ category }) => trades.includes(category))
}

function outcome(date: string, blamesShop: boolean, random: Random): Value[] {
  const closedOn = dateAfter(date, 1 + Math.floor(random() * 24))
  const isStuck = random() < 0.015
  if (isStuck || closedOn > LAST_DATE) return [random() < 0.5 ? '待处理' : '处理中', null, null, null]
  const isPaid = blamesShop && random() < 0.22
  const stars = [1, 2, 3, 3, 4, 4, 4, 5, 5][Math.floor(random() * 9)] ?? 3
  const hasAnswered = random() < 0.7
  const cents = 2_000 + 500 * Math.floor(random() * 45)
  return ['已办结', `${closedOn} ${clock(9, 8, random)}+08`, hasAnswered ? stars : null, isPaid ? yuan(cents) : null]
}

function clock(firstHour: number, hours: number, random: Random): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${two(firstHour + random() * hours)}:${two(random() * 60)}:${two(random() * 60)}`
}

function pick<T>(from: readonly T[], random: Random): T {
  const found = from[Math.floor(random() * from.length)]
  if (found === undefined) throw new RangeError('Cannot pick from an empty list')
  return found
}
