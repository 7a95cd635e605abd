import type { TableData } from './table-data.ts'

export type Category = '餐饮' | '便利店' | '小吃' | '茶饮咖啡' | '土特产' | '汽车维修'

type MerchantRow = readonly [
  id: number,
  areaId: number,
  branchId: number,
  name: string,
  category: Category,
  contactName: string,
  contactPhone: string | null,
  shopArea: string,
  monthlyRent: string,
  commissionRate: string,
  isOpen: boolean,
  openedOn: string,
  closedOn: string | null,
]

// biome-ignore format: a shop a line reads like the list that it is
const ROWS: readonly MerchantRow[] = [
  [1, 1, 1, '鹿鸣大食堂', '餐饮', '唐景和', '139****2104', '820.0', '42000.00', '0.120', true, '2015-04-01', null],
  [2, 1, 1, '禾田便利（鹿鸣谷店）', '便利店', '林小满', '137****6650', '210.0', '26000.00', '0.080', true, '2018-07-01', null],
  [3, 1, 1, '谷里山货', '土特产', '邱阿福', null, '96.5', '7800.00', '0.100', true, '2021-10-01', null],
  [4, 2, 1, '山下人家', '餐饮', '章若水', '136****9087', '760.0', '38000.00', '0.120', true, '2016-01-15', null],
  [5, 2, 1, '阿禾小吃（鹿鸣谷店）', '小吃', '禹冬生', '158****3321', '68.0', '8500.00', '0.090', true, '2021-10-01', null],
  [6, 3, 2, '枫岭家常菜', '餐饮', '管文清', '135****7719', '380.0', '16500.00', '0.100', true, '2014-06-20', null],
  [7, 4, 2, '禾田便利（枫岭店）', '便利店', '林小满', '137****6650', '140.0', '9800.00', '0.080', true, '2019-03-08', null],
  [8, 4, 2, '顺途汽修', '汽车维修', '铁建军', null, '260.0', '4200.00', '0.050', true, '2012-01-10', null],
  [9, 5, 3, '云溪湖餐厅', '餐饮', '方知遥', '133****4508', '910.0', '46000.00', '0.120', true, '2013-05-01', null],
  [10, 5, 3, '禾田便利（云溪湖店）', '便利店', '林小满', '137****6650', '240.0', '28000.00', '0.080', true, '2018-07-01', null],
  [11, 5, 3, '半盏茶铺', '茶饮咖啡', '苏晚晴', '150****8126', '75.0', '11000.00', '0.100', false, '2020-09-12', '2024-03-31'],
  [12, 5, 3, '慢行咖啡', '茶饮咖啡', '纪明轩', '188****5403', '75.0', '12500.00', '0.110', true, '2024-04-20', null],
  [13, 6, 3, '停云便利', '便利店', '华有田', '131****2275', '165.0', '14000.00', '0.080', true, '2017-11-11', null],
  [14, 7, 4, '渡口特产', '土特产', '鲁春妮', null, '88.0', '5200.00', '0.100', true, '2019-08-16', null],
  [15, 8, 4, '晴川面馆', '餐饮', '马知秋', '132****6694', '240.0', '12800.00', '0.100', true, '2016-03-03', null],
  [16, 9, 6, '松涛湾美食广场', '餐饮', '颜如松', '189****1170', '1050.0', '36000.00', '0.130', true, '2023-09-26', null],
  [17, 9, 6, '禾田便利（松涛湾店）', '便利店', '林小满', '137****6650', '230.0', '18500.00', '0.080', true, '2023-09-26', null],
  [18, 10, 6, '望溪便利', '便利店', '项一鸣', '177****9932', '220.0', '17800.00', '0.080', true, '2023-09-26', null],
  [19, 10, 6, '阿禾小吃（松涛湾店）', '小吃', '禹冬生', '158****3321', '72.0', '6800.00', '0.090', true, '2024-02-01', null],
  [20, 11, 5, '竹影小卖部', '便利店', '谷秋娥', null, '52.0', '2600.00', '0.060', true, '2016-02-02', null],
  [21, 12, 5, '石桥粉店', '小吃', '白守义', '138****7048', '60.0', '2200.00', '0.060', false, '2013-08-01', '2024-06-30'],
]

export const MERCHANT_TABLE: TableData = {
  table: 'bss_merchant',
  columns: [
    ...['id', 'service_area_id', 'branch_id', 'name', 'category', 'contact_name', 'contact_phone'],
    ...['shop_area_sqm', 'monthly_rent', 'commission_rate', 'is_open', 'opened_on', 'closed_on'],
  ],
  rows: ROWS,
}

/** A shop with what a day's business of it depends on. */
export interface Merchant {
  readonly id: number
  readonly areaId: number
  readonly name: string
  readonly category: Category
  readonly openedOn: string
  readonly closedOn: string | null
  /** What it takes on an ordinary Thursday of January 2023. */
  readonly dailyYuan: number
  readonly takesCards: boolean
}

const DAILY_YUAN = [
  ...[22_400, 11_800, 3_600, 18_600, 4_300, 8_200, 4_700, 1_750, 24_500, 13_200, 5_200],
  ...[6_400, 6_900, 2_500, 6_300, 14_800, 7_600, 7_100, 3_400, 2_150, 1_850],
]
const TAKE_CARDS: ReadonlySet<number> = new Set([1, 2, 4, 7, 9, 10, 13, 16, 17, 18])

export const MERCHANTS: readonly Merchant[] = ROWS.map(
  ([id, areaId, , name, category, , , , , , , openedOn, closedOn]): Merchant => ({
    id,
    areaId,
    name,
    category,
    openedOn,
    closedOn,
    dailyYuan: DAILY_YUAN[id - 1] ?? 0,
    takesCards: TAKE_CARDS.has(id),
  }),
)

/** Whether a shop was open that day; one of them was redecorated in November 2023. */
export function isTrading({ id, openedOn, closedOn }: Merchant, date: string): boolean {
  const isRedecorated = id === 15 && date >= '2023-11-06' && date <= '2023-11-24'
  return date >= openedOn && (closedOn === null || date <= closedOn) && !isRedecorated
}
