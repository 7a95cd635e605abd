import { Problem } from '../../shared/platform/problems.ts'
import type { Queryable, Store } from '../../shared/platform/store.ts'
import type { Faults } from './faults.ts'
import type { InvocationLife } from './invocation-life.ts'
import type { Chosen } from './points.ts'

/** A store whose connection is cut: before a statement, inside a transaction, after commit but before the answer. */
export function faultyStore(store: Store, faults: Faults): Store {
  return {
    kind: store.kind,
    query: (text, values) => cutAround(faults.decide('store.query'), () => store.query(text, values)),
    together: (statement, item) => cutAround(faults.decide('store.together'), () => store.together(statement, item)),
    transaction: (work) => {
      const chosen = faults.decide('store.transaction')
      return cutAround(chosen, () => store.transaction((tx) => cutInside(chosen['cut-inside'], tx, work)))
    },
    close: () => store.close(),
  }
}

/** A store that an invocation reaches while it lives; what it has begun is rolled back when it dies. */
export function mortalStore(store: Store, life: InvocationLife): Store {
  return {
    kind: store.kind,
    query: (text, values) => life.around('store.query', () => store.query(text, values)),
    together: (statement, item) => life.around('store.together', () => store.together(statement, item)),
    transaction: (work) =>
      life.around('store.transaction', () =>
        store.transaction((tx) => life.run(() => work(mortalQueryable('store.statement', tx, life)))),
      ),
    close: () => store.close(),
  }
}

export function mortalQueryable(at: string, tx: Queryable, life: InvocationLife): Queryable {
  return { query: (text, values) => life.around(at, () => tx.query(text, values)) }
}

async function cutAround<T>(chosen: Chosen, call: () => Promise<T>): Promise<T> {
  if (chosen['cut-before'] !== undefined) throw cut()
  const answer = await call()
  if (chosen['cut-after'] !== undefined) throw cut()
  return answer
}

/** @param statement the one that is cut, and with it all later ones and the commit; the commit alone where there are fewer */
async function cutInside<T>(
  statement: number | undefined,
  tx: Queryable,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  if (statement === undefined) return await work(tx)
  let sent = 0
  await work({
    async query(text, values) {
      sent += 1
      if (sent >= statement) throw cut()
      return await tx.query(text, values)
    },
  })
  throw cut() // whatever the work made of it, nothing is committed
}

function cut(): Problem {
  return new Problem('store_unavailable', 'The store does not answer (the connection was cut on purpose)', {
    hint: 'HELIX_FAULTS asks for it',
    retryAfter: 1,
  })
}
