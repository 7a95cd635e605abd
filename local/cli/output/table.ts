import { displayWidth, padEnd, padStart } from './width.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

const GAP = '  '

/** Rows under titles, in columns as wide as their widest cell; nothing follows the last cell of a line. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const titles = columns.map(({ title }) => title)
  const widths = columns.map((_, index) => Math.max(...[titles, ...rows].map((row) => displayWidth(row[index] ?? ''))))
  return [titles, ...rows].map((row) => {
    const cells = columns.map(({ align }, index) => {
      const pad = align === 'right' ? padStart : padEnd
      return pad(row[index] ?? '', widths[index] ?? 0)
    })
    return cells.join(GAP).trimEnd()
  })
}

/** `name  value` lines, the values under each other. */
export function renderFields(fields: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(0, ...fields.map(([name]) => displayWidth(name)))
  return fields.map(([name, value]) => `${padEnd(name, width)}${GAP}${value}`.trimEnd())
}
