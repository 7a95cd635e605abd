import { flushStatistics } from '../database/server.ts'
import { type CareOutcome, careForTable, isTidy, listTableStates } from '../database/table-care.ts'
import type { Repair, RepairOutcome } from '../incidents/repair.ts'

const SUMMARIES: Readonly<Record<CareOutcome, RepairOutcome['summary']>> = {
  done: { zh: '已清理', en: 'It was vacuumed' },
  skipped: { zh: '表被锁住，没有清理', en: 'Somebody has locked it: it was not vacuumed' },
  held_back: {
    zh: '已清理，但有旧事务仍可能看到这些死行，它们还在',
    en: 'It was vacuumed, but an old transaction may still see its dead rows, which stay',
  },
  under_way: { zh: '表很大，服务器仍在清理', en: 'It is large: the server is still at it' },
}

/** Vacuums one table, without waiting for its lock. */
export const vacuumTable: Repair = {
  name: 'vacuum-table',
  async run({ store }, { id }, guard) {
    const [before] = await listTableStates(store, id)
    if (before === undefined)
      return { changed: false, summary: { zh: `表 ${id} 已不存在`, en: `The table ${id} is gone` } }
    await guard.hold(store)
    const outcome = await careForTable(store, before, 'vacuum')
    if (outcome !== 'skipped') await guard.hold(store, { before, after: { outcome } })
    return { changed: outcome !== 'skipped', summary: SUMMARIES[outcome] }
  },
  /** Asks what the last vacuum saw of its pages, and whether there was one since. */
  async verify({ store }, { id, facts }) {
    await flushStatistics(store)
    const [now] = await listTableStates(store, id)
    if (now === undefined) return 'fixed'
    if (now.vacuums === facts.vacuums) return 'not_fixed'
    const tidy = await isTidy(store, id)
    return tidy === null ? 'unknown' : tidy ? 'fixed' : 'not_fixed'
  },
}
