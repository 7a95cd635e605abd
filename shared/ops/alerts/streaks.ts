import type { Queryable } from '../../platform/store.ts'

// Two runners may check one tick, one after the other; what comes so soon after another check is no check of its own.
const CHECK_MS_MIN = 20_000

const COUNT = `
  insert into alert_streaks as s (rule, breaches, checked_at)
  select rule, case when broken then 1 else 0 end, $2
    from jsonb_to_recordset($1::jsonb) as r (rule text, broken boolean)
   order by rule
      on conflict (rule) do update
     set breaches = case when excluded.breaches = 0 then 0
                         when s.checked_at > $3 then greatest(s.breaches, 1)
                         else s.breaches + 1 end,
         checked_at = case when s.checked_at > $3 then s.checked_at else excluded.checked_at end
  returning rule, breaches`

/** Counts one check of some rules. @returns how many checks in a row have found each of them broken */
export async function countStreaks(
  store: Queryable,
  checked: readonly { readonly rule: string; readonly broken: boolean }[],
  at: Date,
): Promise<ReadonlyMap<string, number>> {
  const values = [JSON.stringify(checked), at, new Date(at.getTime() - CHECK_MS_MIN)]
  const { rows } = await store.query<{ rule: string; breaches: number }>(COUNT, values)
  return new Map(rows.map(({ rule, breaches }) => [rule, breaches]))
}
