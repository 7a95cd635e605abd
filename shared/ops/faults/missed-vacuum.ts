import { flushStatistics } from '../database/server.ts'
import { listTableStates, type TableState } from '../database/table-care.ts'
import type { FaultClass } from '../incidents/fault.ts'

const DEAD_ROWS_MIN = 1_000
const DEAD_SHARE_MAX = 0.2 // where autovacuum comes by itself
const SECONDS_MIN = 600 // autovacuum looks each minute: after ten it has been missed

/** A table of the store whose dead rows nobody removes. */
export const missedVacuum: FaultClass = {
  name: 'missed_vacuum',
  severity: 'P2',
  layer: 'infrastructure',
  meaning: {
    zh: '表里的死行超过两成，却没有被清理',
    en: 'More than a fifth of the rows of a table are dead, and nobody has removed them',
  },
  kind: 'table',
  async detect({ store }) {
    await flushStatistics(store)
    const tables = await listTableStates(store)
    const ill = tables.filter(isWorn).map((table) => ({ id: table.name, facts: { ...table }, occurredAt: null }))
    return { ill, of: tables.length }
  },
  async diagnose({ store }, { facts }) {
    const { name, live, dead, vacuumedSecondsAgo } = facts as unknown as TableState
    const share = `${dead} / ${live + dead}`
    const since = vacuumedSecondsAgo === null ? null : Math.round(vacuumedSecondsAgo / 60)
    const embedded = store.kind === 'embedded'
    return {
      rule: embedded ? 'no-autovacuum' : since === null ? 'never-vacuumed' : 'vacuum-late',
      explanation: {
        zh: `${name} 有 ${share} 行是死行，${embedded ? '内嵌数据库没有自动清理' : since === null ? '从未被清理' : `${since} 分钟前清理过`}`,
        en: `${share} rows of ${name} are dead; ${embedded ? 'an embedded database has no autovacuum' : since === null ? 'nobody ever vacuumed it' : `it was vacuumed ${since} min ago`}`,
      },
      repair: 'vacuum-table',
    }
  },
}

function isWorn({ live, dead, vacuumedSecondsAgo }: TableState): boolean {
  if (dead < DEAD_ROWS_MIN || dead <= DEAD_SHARE_MAX * (live + dead)) return false
  return vacuumedSecondsAgo === null || vacuumedSecondsAgo > SECONDS_MIN
}
