import { type Random, seededRandom, seedOf } from '../../../shared/platform/random.ts'
import { dateAfter } from './calendar.ts'
import { AREAS, type Area } from './places.ts'
import type { TableData, Value } from './table-data.ts'

interface Kind {
  readonly type: string
  /** The feature of a service area that comes with it; null for what every one has. */
  readonly service: string | null
  /** How many an area of grade A, B, C has. */
  readonly units: Readonly<Record<Area['grade'], number>>
  readonly specification: (area: Area) => Readonly<Record<string, unknown>>
}

const KINDS: readonly Kind[] = [
  {
    type: '公共卫生间',
    service: null,
    units: { A类: 3, B类: 2, C类: 1 },
    specification: ({ grade }) => ({ stalls: { A类: 96, B类: 48, C类: 20 }[grade], accessible: grade !== 'C类' }),
  },
  {
    type: '加油机',
    service: null,
    units: { A类: 12, B类: 8, C类: 4 },
    specification: ({ grade }) => ({ fuels: grade === 'C类' ? ['92号', '柴油'] : ['92号', '95号', '柴油'] }),
  },
  {
    type: '充电桩',
    service: '充电桩',
    units: { A类: 24, B类: 8, C类: 4 },
    specification: ({ id, grade }) => ({ power_kw: id >= 9 && grade === 'A类' ? 240 : 120, connector: '国标直流' }),
  },
  {
    type: '母婴室',
    service: '母婴室',
    units: { A类: 2, B类: 1, C类: 1 },
    specification: () => ({ hot_water: true, area_sqm: 12 }),
  },
  {
    type: '司机休息间',
    service: '司机之家',
    units: { A类: 10, B类: 4, C类: 2 },
    specification: ({ grade }) => ({ beds: grade === 'A类' ? 20 : 8, free_hours: 2 }),
  },
  {
    type: '淋浴间',
    service: '淋浴间',
    units: { A类: 8, B类: 4, C类: 2 },
    specification: () => ({ hot_water: true, price_yuan: 10 }),
  },
]

const COLUMNS = [
  ...['id', 'service_area_id', 'name', 'facility_type', 'unit_count', 'status'],
  ...['specification', 'installed_on', 'inspected_at'],
]

/** What travellers find in each service area besides shops. */
export function facilities(): TableData {
  const random = seededRandom(seedOf('highway facilities'))
  const found = AREAS.flatMap((area) =>
    KINDS.filter(({ service }) => service === null || area.services.includes(service)).map((kind) => ({ area, kind })),
  )
  const rows = found.map(({ area, kind }, at) => [at + 1, ...rowOf(area, kind, random)])
  return { table: 'bss_facility', columns: COLUMNS, rows }
}

function rowOf(area: Area, { type, units, specification }: Kind, random: Random): Value[] {
  const isLate = type === '充电桩' && area.openedOn < '2020' // chargers came to the old areas long after they opened
  const installedOn = dateAfter(isLate ? '2021-03-15' : area.openedOn, Math.floor(random() * (isLate ? 400 : 20)))
  const luck = random()
  const isClosed = area.name === '石桥岭' // being rebuilt
  const inspected = `${dateAfter('2024-10-08', Math.floor(random() * 84))} ${10 + Math.floor(random() * 7)}:30:00+08`
  return [
    area.id,
    `${area.name}${type}`,
    type,
    units[area.grade],
    isClosed ? '停用' : luck < 0.1 ? '检修' : '正常',
    JSON.stringify(specification(area)),
    installedOn,
    isClosed || luck > 0.88 ? null : inspected,
  ]
}
