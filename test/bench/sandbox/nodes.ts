/** About 1 KB as JSON: twenty rows of a report. */
export const INPUTS = {
  rows: Array.from({ length: 20 }, (_, index) => ({
    region: ['North', 'South', 'East', 'West'][index % 4],
    month: `2025-${String((index % 12) + 1).padStart(2, '0')}`,
    amount: 100 + index * 17.5,
  })),
}

const MAIN = `function main({ rows }) {
  const byRegion = {}
  for (const { region, amount } of rows) byRegion[region] = (byRegion[region] ?? 0) + amount
  const total = rows.reduce((sum, row) => sum + row.amount, 0)
  return { total, regions: Object.entries(byRegion).map(([region, amount]) => ({ region, share: amount / total })) }
}
`

const HELPER = (number: number) => `
/** Rounds to the places of currency ${number}, half to even. */
function rounded${number}(value, places = ${number % 4}) {
  const scale = 10 ** places
  const whole = Math.floor(value * scale)
  const rest = value * scale - whole
  if (rest < 0.5 || (rest === 0.5 && whole % 2 === 0)) return whole / scale
  return (whole + 1) / scale
}
const label${number} = { name: 'currency ${number}', places: ${number % 4}, round: rounded${number} }
`

const LONG_BYTES = 120_000
const HELPERS = Array.from({ length: Math.ceil(LONG_BYTES / HELPER(100).length) }, (_, number) => HELPER(number))

/** Code by what it stands for. The long one is a small node with a library of helpers above it. */
export const NODES: Readonly<Record<string, string>> = {
  '1 KB of inputs': MAIN,
  '120 KB of code': `${HELPERS.join('')}\n${MAIN}`,
}
