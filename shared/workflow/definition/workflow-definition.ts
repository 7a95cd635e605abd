import type { Field, Json } from './definition.ts'

/** A place of a workflow: which node runs there, on what, and when. */
export interface WorkflowNode {
  /** Unique in the workflow; what `{{ nodes.<name>.outputs.… }}` refers to. */
  readonly name: string
  /** The name of a node definition, or of a built-in step. */
  readonly node: string
  /** Of the definition; resolved and frozen when the workflow is saved. Built-in steps have none. */
  readonly version?: string
  /** Values, with `{{ … }}` references anywhere in them. */
  readonly inputs?: { readonly [name: string]: Json }
  /** Nodes that come first although nothing of theirs is used. */
  readonly needs?: readonly string[]
  /** A condition; the node is skipped where it does not hold. */
  readonly when?: string
  readonly retry?: { readonly max_attempts: number }
  readonly timeout_seconds?: number
  /** A reference to a list: the node runs once for each `{{ item }}`, and its outputs are lists. */
  readonly for_each?: string
}

export interface WorkflowEdge {
  readonly source: string
  readonly target: string
}

/** A DAG of nodes in its canonical form. */
export interface WorkflowDefinition {
  readonly name?: string
  readonly description?: string
  readonly inputs: readonly Field[]
  readonly nodes: readonly WorkflowNode[]
  readonly edges?: readonly WorkflowEdge[]
  /** What the workflow answers, by name, with references. */
  readonly outputs?: { readonly [name: string]: Json }
}
