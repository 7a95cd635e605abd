import type { TableData } from './table-data.ts'

// Who runs what, and where. Every name is invented: no such company, road or service area exists.

export const COMPANIES: TableData = {
  table: 'bss_company',
  columns: ['id', 'name', 'code', 'registered_city', 'service_phone', 'founded_on'],
  rows: [
    [1, '澜川高速服务区经营有限公司', 'LCJY', '澜川市', '0900-8801000', '2009-05-18'],
    [2, '云汐交通商业服务有限公司', 'YXSF', '云汐市', '0900-8802000', '2012-03-06'],
    [3, '青禾路域发展有限公司', 'QHLY', '青禾市', null, '2016-11-22'],
  ],
}

export const BRANCHES: TableData = {
  table: 'bss_branch',
  columns: ['id', 'company_id', 'name', 'manager_name', 'employee_count', 'office_phone', 'founded_on'],
  rows: [
    [1, 1, '澜北分公司', '沈怀远', 86, '0900-8801101', '2009-09-01'],
    [2, 1, '澜南分公司', '郭思齐', 54, '0900-8801102', '2010-04-15'],
    [3, 2, '云汐东分公司', '陆清荷', 92, '0900-8802101', '2012-06-20'],
    [4, 2, '云汐西分公司', '贺长庚', 47, null, '2013-01-10'],
    [5, 3, '青禾分公司', '孟晓棠', 28, '0900-8803101', '2017-02-28'],
    [6, 3, '望溪分公司', '程立夏', 63, '0900-8803102', '2023-03-01'],
  ],
}

export const SECTION_ROUTES: TableData = {
  table: 'bss_section_route',
  columns: ['id', 'name', 'code', 'length_km', 'lane_count', 'speed_limit_kmh', 'opened_on'],
  rows: [
    [1, '澜云高速', 'LY01', '186.40', 6, 120, '2008-12-26'],
    [2, '澜青高速', 'LQ02', '142.75', 4, 120, '2011-09-28'],
    [3, '云望高速', 'YW03', '97.30', 4, 100, '2013-10-16'],
    [4, '澜川绕城高速', 'RC04', '68.90', 8, 100, '2009-07-01'],
    [5, '青望高速', 'QW05', '121.20', 6, 120, '2023-06-30'],
  ],
}

type AreaRow = readonly [
  id: number,
  branchId: number,
  centerAreaId: number | null,
  name: string,
  code: string,
  direction: string,
  grade: 'A类' | 'B类' | 'C类',
  isOpen: boolean,
  hasCarCounter: boolean,
  parkingSpaces: number,
  floorArea: string,
  services: readonly string[],
  openedOn: string,
  renovatedOn: string | null,
]

const FULL = ['充电桩', '母婴室', '司机之家', '淋浴间']
const USUAL = ['充电桩', '母婴室', '司机之家']
const VIEW = ['充电桩', '观景台']

// A center looks after the areas below it, always of its own company. The last area is being rebuilt since July 2024.
const AREA_ROWS: readonly AreaRow[] = [
  [1, 1, null, '鹿鸣谷服务区东区', 'LMG-E', '东行', 'A类', true, true, 420, '6850.0', FULL, '2009-10-01', '2021-09-15'],
  [2, 1, 1, '鹿鸣谷服务区西区', 'LMG-W', '西行', 'A类', true, true, 398, '6420.0', FULL, '2009-10-01', '2021-09-15'],
  [3, 2, 1, '枫岭服务区南区', 'FL-S', '南行', 'B类', true, false, 210, '3180.5', USUAL, '2011-12-20', null],
  [4, 2, 3, '枫岭服务区北区', 'FL-N', '北行', 'B类', true, false, 205, '3052.0', USUAL, '2011-12-20', null],
  [5, 3, null, '云溪湖服务区东区', 'YXH-E', '东行', 'A类', true, true, 465, '7240.0', FULL, '2012-08-08', '2023-12-20'],
  [6, 3, 5, '云溪湖服务区西区', 'YXH-W', '西行', 'B类', true, false, 260, '3660.0', VIEW, '2012-08-08', null],
  [7, 4, 5, '晴川渡服务区南区', 'QCD-S', '南行', 'B类', true, false, 188, '2890.0', VIEW, '2014-01-18', null],
  [8, 4, 7, '晴川渡服务区北区', 'QCD-N', '北行', 'B类', true, false, 192, '2935.5', USUAL, '2014-01-18', '2022-06-10'],
  [9, 6, null, '松涛湾服务区东区', 'STW-E', '东行', 'A类', true, true, 510, '8120.0', FULL, '2023-09-26', null],
  [10, 6, 9, '松涛湾服务区西区', 'STW-W', '西行', 'A类', true, true, 505, '8040.0', FULL, '2023-09-26', null],
  [11, 5, 9, '竹影坪服务区', 'ZYP', '南行', 'C类', true, false, 76, '1260.0', ['充电桩'], '2015-11-11', null],
  [12, 5, 11, '石桥岭服务区', 'SQL', '北行', 'C类', false, false, 68, '1105.0', [], '2012-04-28', null],
]

export const SERVICE_AREAS: TableData = {
  table: 'bss_service_area',
  columns: [
    ...['id', 'branch_id', 'center_area_id', 'name', 'code', 'direction', 'grade', 'is_open', 'has_car_counter'],
    ...['parking_space_count', 'floor_area_sqm', 'services', 'opened_on', 'renovated_on'],
  ],
  rows: AREA_ROWS,
}

export interface Area {
  readonly id: number
  /** Without the word for a service area and the side. */
  readonly name: string
  readonly grade: 'A类' | 'B类' | 'C类'
  readonly services: readonly string[]
  readonly openedOn: string
}

/** What the generators need to know of each service area. */
export const AREAS: readonly Area[] = AREA_ROWS.map(
  ([id, , , name, , , grade, , , , , services, openedOn]): Area => ({
    id,
    name: name.replace('服务区', ''),
    grade,
    services,
    openedOn,
  }),
)

export const ROUTE_AREA_LINKS: TableData = {
  table: 'bss_section_route_area_link',
  columns: ['section_route_id', 'service_area_id', 'stake_km', 'is_main'],
  rows: [
    [1, 1, '52.300', true],
    [1, 2, '52.300', true],
    [1, 5, '134.650', true],
    [1, 6, '135.120', true],
    [2, 3, '41.080', true],
    [2, 4, '41.080', true],
    [2, 12, '103.500', true],
    [3, 5, '2.400', false],
    [3, 7, '63.720', true],
    [3, 8, '63.720', true],
    [4, 1, '44.900', false],
    [4, 11, '18.260', true],
    [5, 9, '77.150', true],
    [5, 10, '77.150', true],
  ],
}
