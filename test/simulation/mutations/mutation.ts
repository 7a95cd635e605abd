/** A bug to plant: a place that is there exactly once, and what stands there instead. */
export interface Mutation {
  readonly name: string
  readonly file: string
  readonly find: string
  readonly replace: string
}

export const ENGINE = 'shared/platform/migrations/0004_engine.sql'
export const ACCEPTS = 'shared/platform/migrations/0006_engine-writes.sql'
export const WRITES = 'shared/platform/migrations/0013_folded-ends.sql'

export function mutation(name: string, file: string, find: string, replace: string): Mutation {
  return { name, file, find, replace }
}
