import pg from 'pg'

const ARRAY_TYPES_AS_TEXT: ReadonlySet<number> = new Set([1016, 1115, 1182, 1185, 1231])

// Types whose JavaScript value loses digits, or depends on the zone of this machine, or is a class of its own.
const TYPES_AS_TEXT: ReadonlySet<number> = new Set([
  17, // bytea
  20, // int8
  600, // point
  718, // circle
  1082, // date
  1114, // timestamp
  1184, // timestamptz
  1186, // interval
  1187, // interval[]
  1700, // numeric
])

const TEXT_ARRAY: number = 1009
const asText = (value: string): string => value

/**
 * How a client reads values: dates, times, numerics, int8 and binary stay as Postgres writes them, so that the same
 * row gives the same value on any machine. Given to one client at a time, never set for the whole process.
 */
export const textTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: string) {
    if (format !== 'binary') {
      if (TYPES_AS_TEXT.has(oid)) return asText
      if (ARRAY_TYPES_AS_TEXT.has(oid)) return pg.types.getTypeParser(TEXT_ARRAY)
    }
    return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid)
  },
}
