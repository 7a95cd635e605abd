import { readFileSync } from 'node:fs'
import { businessDays } from './business-days.ts'
import { carCounts } from './car-counts.ts'
import { complaints } from './complaints.ts'
import { facilities } from './facilities.ts'
import { MERCHANT_TABLE } from './merchants.ts'
import { BRANCHES, COMPANIES, ROUTE_AREA_LINKS, SECTION_ROUTES, SERVICE_AREAS } from './places.ts'
import { insertStatements } from './table-data.ts'

/**
 * The whole sample as SQL for an empty database, a few statements to an entry: the schema, then the rows in an order
 * that satisfies every key. The same text, byte for byte, whenever and wherever it is made.
 */
export function highwayScript(): string[] {
  const schema = readFileSync(new URL('schema.sql', import.meta.url), 'utf8')
  const tables = [
    ...[COMPANIES, BRANCHES, SECTION_ROUTES, SERVICE_AREAS, ROUTE_AREA_LINKS, MERCHANT_TABLE],
    ...[businessDays(), carCounts(), facilities(), complaints()],
  ]
  return [schema, ...tables.flatMap(insertStatements)]
}
