import type { Queryable } from '../../platform/store.ts'
import type { Detection, FaultClass } from './fault.ts'

/** What one detector saw. */
export interface Look {
  readonly fault: FaultClass
  readonly detection: Detection
}

export interface Storm {
  readonly fault: string
  readonly kind: string
  readonly ill: number
  readonly of: number
}

const STORM_SHARE = 0.4 // above it the one who looks is likelier to be wrong than all that is looked at
const STORM_ILL_MIN = 5 // of a handful, half is quickly ill
const FEW_ILL_MIN = 3
const FEW_SHARE = 2 / 3

/**
 * What is there for long and is repaired by changing people's work. Of these, a clear majority of a handful says as much as
 * 40 % of many: three tasks of three that have lost their files have lost their disk. What is under way is otherwise: two or
 * three executions die together with the one runner that they have, and are to be taken over at once.
 */
const LASTING_KINDS: ReadonlySet<string> = new Set(['task', 'source', 'workflow'])

/** The faults that so many targets of their kind seem to have that none is to be repaired; empty in fair weather. */
export function stormsIn(looks: readonly Look[]): readonly Storm[] {
  return looks
    .filter(({ fault }) => fault.isCommon !== true)
    .map(({ fault, detection: { ill, count = ill.length, of } }) => {
      return { fault: fault.name, kind: fault.kind, ill: count, of }
    })
    .filter(isStorm)
}

function isStorm({ kind, ill, of }: Storm): boolean {
  if (ill >= STORM_ILL_MIN) return ill > STORM_SHARE * of
  return LASTING_KINDS.has(kind) && ill >= FEW_ILL_MIN && ill > FEW_SHARE * of
}

const BRAKE = 'storm_brake'

// Stays the one it is as long as the storm lasts.
const SET_BRAKE = `
  insert into settings (name, value, updated_at, updated_by)
  values ('${BRAKE}', $1, $2, 'helix')
  on conflict (name) do update set value = excluded.value, updated_at = excluded.updated_at`

const RELEASE_BRAKE = `
  delete from settings
   where name = '${BRAKE}'`

const IS_SET = `
  select exists (select from settings where name = '${BRAKE}') as set`

/** Stops all repairs, wherever they run, or lets them go on. */
export async function saveBrake(store: Queryable, storms: readonly Storm[], now: Date): Promise<void> {
  if (storms.length > 0) await store.query(SET_BRAKE, [JSON.stringify(storms), now])
  else await store.query(RELEASE_BRAKE)
}

export async function isBraked(store: Queryable): Promise<boolean> {
  return (await store.query<{ set: boolean }>(IS_SET)).rows[0]?.set === true
}
