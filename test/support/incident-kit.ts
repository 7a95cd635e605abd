import { checkIncidents } from '../../shared/ops/incidents/check-incidents.ts'
import type { FaultClass } from '../../shared/ops/incidents/fault.ts'
import type { Repair, Verdict } from '../../shared/ops/incidents/repair.ts'
import { runRepair } from '../../shared/ops/incidents/run-repair.ts'
import { listIncidents } from '../../shared/ops/incidents/store.ts'
import type { Llm } from '../../shared/platform/llm.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { Problem } from '../../shared/platform/problems.ts'
import type { Queryable, Store } from '../../shared/platform/store.ts'
import type { TestPlatform } from './test-platform.ts'

/** Lamps that should burn: rows of the settings, each a target. */
export async function insertLamps(store: Queryable, count: number): Promise<void> {
  await store.query(
    `insert into settings (name, value, updated_at)
     select 'lamp:' || n, 'true', '2025-06-27T06:00:00Z' from generate_series(1, $1::integer) n`,
    [count],
  )
}

export async function breakLamps(store: Queryable, ...numbers: number[]): Promise<void> {
  const names = numbers.map((number) => `lamp:${number}`)
  await store.query(`update settings set value = 'false' where name = any ($1)`, [names])
}

export async function lampsThatBurn(store: Queryable): Promise<string[]> {
  const { rows } = await store.query<{ name: string }>(
    `select name from settings where name like 'lamp:%' and value = 'true' order by name`,
  )
  return rows.map(({ name }) => name)
}

/** Finds lamps that don't burn. */
export const darkLamp: FaultClass = {
  name: 'dark_lamp',
  severity: 'P2',
  layer: 'component',
  kind: 'lamp',
  meaning: { zh: '灯灭了', en: 'A lamp does not burn' },
  async detect({ store }) {
    const { rows } = await store.query<{ name: string; value: boolean; updated_at: Date }>(
      `select name, value, updated_at from settings where name like 'lamp:%' order by name`,
    )
    const ill = rows
      .filter(({ value }) => !value)
      .map(({ name, updated_at: at }) => ({ id: name, facts: { value: false }, occurredAt: at }))
    return { ill, of: rows.length }
  },
  diagnose: async (_, { id }) => ({
    rule: 'switched-off',
    explanation: { zh: `${id} 被关掉了`, en: `${id} is switched off` },
    repair: 'light-lamp',
  }),
}

/** Lights a lamp, and asks the wall whether it is bright. */
export function lightLamp(verdict?: () => Verdict): Repair {
  return {
    name: 'light-lamp',
    run: (platform, { id }, guard) =>
      platform.store.transaction(async (tx) => {
        await guard.hold(tx, { before: false, after: true })
        const { rowCount } = await tx.query(`update settings set value = 'true' where name = $1 and value = 'false'`, [
          id,
        ])
        return { changed: rowCount > 0, summary: { zh: '已点亮', en: 'Lit' } }
      }),
    async verify({ store }, { id }) {
      if (verdict !== undefined) return verdict()
      const { rows } = await store.query(`select from settings where name = $1 and value = 'true'`, [id])
      return rows.length === 1 ? 'fixed' : 'not_fixed'
    },
  }
}

/** Thrown at the end of a mortal platform's life. */
export class Killed extends Error {}

/** The platform of a worker that dies at its n-th call of the store or the queue: before it is done, or just after. */
export function mortal(platform: TestPlatform, calls: number, when: 'before' | 'after', workerId: string): Checked {
  let left = calls
  const around = async <T>(call: () => Promise<T>): Promise<T> => {
    if (left < 0) throw new Killed()
    const dies = left-- === 0
    if (dies && when === 'before') throw new Killed()
    const answer = await call()
    if (dies) throw new Killed()
    return answer
  }
  const { store, queue } = platform
  const mortalStore: Store = {
    kind: store.kind,
    query: (text, values) => around(() => store.query(text, values)),
    transaction: (work) =>
      store.transaction((tx) => work({ query: (text, values) => around(() => tx.query(text, values)) })),
    together: (statement, item) => around(() => store.together(statement, item)),
    close: () => store.close(),
  }
  return {
    ...platform,
    workerId,
    store: mortalStore,
    queue: { send: (message, delay) => around(() => queue.send(message, delay)) },
  }
}

/** A platform that a check runs on, and where what it sends can be seen. */
export type Checked = Platform & Pick<TestPlatform, 'sent'>

/** One check, and the repairs that it sent. */
export async function round(
  on: Checked,
  repairs: readonly Repair[] = [lightLamp()],
  faults: readonly FaultClass[] = [darkLamp],
) {
  const counts = await checkIncidents(on, faults, repairs)
  await repairSent(on, repairs)
  return counts
}

/** Delivers what was sent, once. */
export async function repairSent(on: Checked, repairs: readonly Repair[]): Promise<void> {
  for (const message of on.sent.splice(0)) await runRepair(on, repairIn(message), repairs)
}

/** What a message says of a repair. */
export function repairIn(message: { readonly body: unknown } | undefined): { incident_id: number; claim: number } {
  return message?.body as { incident_id: number; claim: number }
}

/** Every incident, newest first. */
export async function incidentsIn(store: Queryable) {
  return (await listIncidents(store, {}, 100, null)).incidents
}

/** A model that does not answer until a test lets it. */
export function awayLlm(): Llm & { fails: boolean } {
  const llm = {
    model: 'm',
    fails: true,
    complete: async () => {
      if (llm.fails) throw new Problem('llm_failed', 'no answer')
      return { value: { ok: true } as never, inputTokens: 1, outputTokens: 1 }
    },
  }
  return llm
}
