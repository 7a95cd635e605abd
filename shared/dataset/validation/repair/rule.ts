import type { Catalog } from '../../catalog/catalog.ts'
import type { Failure } from '../failure.ts'
import type { Resolution } from '../resolve.ts'
import type { Token } from '../tokens.ts'
import type { Tree } from '../tree.ts'

/** What a rule knows of a statement that failed. */
export interface RepairContext {
  readonly sql: string
  readonly tokens: readonly Token[]
  readonly catalog: Catalog
  readonly failure: Failure
}

export interface ParsedContext extends RepairContext {
  readonly tree: Tree
  readonly names: Resolution
}

/** One way in which statements go wrong, with its cure. */
export interface TextRule {
  readonly name: string
  /** Changed statements, the likeliest first; none when the rule has nothing to say. Works on text that may not parse. */
  propose(context: RepairContext): readonly string[]
}

export interface TreeRule {
  readonly name: string
  propose(context: ParsedContext): readonly string[]
}
