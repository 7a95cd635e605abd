import type { PlanNode } from './plan.ts'

/** A line of a drawing: the rails, and after them a node, if it is a node's line. */
export interface DrawnLine {
  /** As wide as the widest line's. */
  readonly rails: string
  readonly node: PlanNode | null
}

const NODE = '●'

/** A vertical line below a node, until the last node that needs it. */
interface Rail {
  readonly source: string
  left: number
}

/**
 * A workflow as lines for a terminal, a node each, in the order in which they run. Below each node a rail leads down to the
 * nodes that need it. Rails that are joined touch (`├ ┤ ┼ ┴`); one that only passes interrupts the line (`─│─`).
 */
export function drawGraph(plan: readonly PlanNode[]): DrawnLine[] {
  const columns: (Rail | null)[] = []
  const lines: { cells: string[]; node: PlanNode | null }[] = []
  for (const node of plan) {
    const incoming = columns.flatMap((rail, at) => (rail !== null && node.needs.includes(rail.source) ? [at] : []))
    const at = columnFor(columns, incoming)
    if (incoming.length > 0) lines.push({ cells: joining(columns, incoming, at), node: null })
    for (const column of incoming) {
      const rail = columns[column]
      if (rail !== null && rail !== undefined && --rail.left === 0) columns[column] = null
    }
    while (columns.length <= at) columns.push(null)
    lines.push({ cells: columns.map((rail, column) => (column === at ? NODE : rail === null ? ' ' : '│')), node })
    columns[at] = node.next.length === 0 ? null : { source: node.name, left: node.next.length }
    while (columns.at(-1) === null) columns.pop()
  }
  const width = Math.max(0, ...lines.map(({ cells }) => cells.length * 2 - 1))
  return lines.map(({ cells, node }) => ({ rails: spread(cells).padEnd(width), node }))
}

/** Where a node stands: below a rail that ends with it, or else in the first free column. */
function columnFor(columns: readonly (Rail | null)[], incoming: readonly number[]): number {
  const ending = incoming.find((at) => columns[at]?.left === 1)
  if (ending !== undefined) return ending
  const free = columns.indexOf(null)
  return free === -1 ? columns.length : free
}

/** The line above a node that leads the rails it needs to its column. */
function joining(columns: readonly (Rail | null)[], incoming: readonly number[], at: number): string[] {
  const first = Math.min(at, ...incoming)
  const last = Math.max(at, ...incoming)
  const width = Math.max(columns.length, at + 1)
  return Array.from({ length: width }, (_, column) => {
    const rail = columns[column] ?? null
    const [left, right] = [column > first && column <= last, column >= first && column < last]
    if (column === at) return CORNERS[corner(rail !== null, true, left, right)] ?? '│'
    if (incoming.includes(column)) return CORNERS[corner(true, rail?.left !== 1, left, right)] ?? '│'
    if (rail !== null) return '│'
    return left && right ? '─' : ' '
  })
}

function corner(up: boolean, down: boolean, left: boolean, right: boolean): string {
  return `${up ? 'u' : ''}${down ? 'd' : ''}${left ? 'l' : ''}${right ? 'r' : ''}`
}

const CORNERS: Readonly<Record<string, string>> = {
  ud: '│',
  udl: '┤',
  udr: '├',
  udlr: '┼',
  dl: '╮',
  dr: '╭',
  dlr: '┬',
  ul: '╯',
  ur: '╰',
  ulr: '┴',
}

const GOES_RIGHT = '─├┼╭┬╰┴'
const GOES_LEFT = '─┤┼╮┬╯┴'

/** Room between the columns, with the lines drawn through it; a rail that a line passes keeps its place. */
function spread(cells: readonly string[]): string {
  let drawn = ''
  let under = false
  for (const [at, cell] of cells.entries()) {
    if (at > 0) drawn += under ? '─' : ' '
    drawn += cell
    if (GOES_RIGHT.includes(cell)) under = true
    else if (GOES_LEFT.includes(cell)) under = false
  }
  return drawn
}

/** What is said of a node beside its name, in the words of the definition: which node, for what it runs, and when. */
export function nodeNotes({ name, node, version, forEach, when, maxAttempts, timeoutSeconds }: PlanNode): string[] {
  return [
    ...(node === name && version === null ? [] : [version === null ? node : `${node}@${version}`]),
    ...(forEach === null ? [] : [`for_each ${forEach}`]),
    ...(when === null ? [] : [`when ${when}`]),
    ...(maxAttempts === null ? [] : [`max_attempts ${maxAttempts}`]),
    ...(timeoutSeconds === null ? [] : [`timeout_seconds ${timeoutSeconds}`]),
  ]
}

/** The whole drawing as plain text. */
export function graphText(plan: readonly PlanNode[]): string {
  const width = Math.max(0, ...plan.map(({ name }) => name.length))
  const lines = drawGraph(plan).map(({ rails, node }) => {
    if (node === null) return rails.trimEnd()
    return `${rails}  ${node.name.padEnd(width)}  ${nodeNotes(node).join(', ')}`.trimEnd()
  })
  return `${lines.join('\n')}\n`
}

/** The same as a Mermaid flowchart (https://mermaid.js.org); dotted arrows only say what comes first. */
export function graphMermaid(
  plan: readonly PlanNode[],
  isReference: (source: string, target: string) => boolean,
): string {
  const ids = new Map(plan.map(({ name }, at) => [name, `n${at}`]))
  const nodes = plan.map((node) => {
    const notes = nodeNotes(node).map(escaped)
    return `  ${ids.get(node.name)}["${[node.name, ...notes].join('<br/>')}"]`
  })
  const edges = plan.flatMap(({ name, needs }) =>
    needs.map((source) => `  ${ids.get(source)} ${isReference(source, name) ? '-->' : '-.->'} ${ids.get(name)}`),
  )
  return `flowchart TD\n${[...nodes, ...edges].join('\n')}\n`
}

/** Mermaid knows entities by number; nothing of a text is markup. */
function escaped(text: string): string {
  return text.replaceAll(/[#"<>&`{}[\]|\\]/g, (found) => `#${found.codePointAt(0)};`)
}
