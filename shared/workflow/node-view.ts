import * as z from 'zod'
import { localTime } from '../platform/clock.ts'
import { EXECUTOR_TYPES } from './definition/definition.ts'
import type { StoredNode } from './node-store.ts'

const FieldView = z.looseObject({ name: z.string(), type: z.string(), required: z.boolean() })

/** A node in a list: its newest version. */
export const NodeSummaryView = z.object({
  name: z.string(),
  version: z.string(),
  executor_type: z.enum(EXECUTOR_TYPES),
  description: z.string(),
  inputs: z.array(FieldView),
  outputs: z.array(FieldView),
  content_hash: z.string(),
  created_at: z.string(),
  created_by: z.string().nullable(),
})

export const VersionView = NodeSummaryView.pick({
  version: true,
  content_hash: true,
  created_at: true,
  created_by: true,
})

export const FindingView = z.object({
  code: z.string(),
  path: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  nearest: z.string().optional(),
  line: z.number().int().optional(),
  column: z.number().int().optional(),
})

export function nodeSummaryView(node: StoredNode, timeZone: string): z.infer<typeof NodeSummaryView> {
  const { name, executor_type, description, inputs, outputs } = node.definition
  const { version, ...kept } = versionView(node, timeZone)
  return {
    name,
    version,
    executor_type,
    description,
    inputs: inputs.map((field) => ({ ...field })),
    outputs: outputs.map((field) => ({ ...field })),
    ...kept,
  }
}

export function versionView(node: StoredNode, timeZone: string): z.infer<typeof VersionView> {
  return {
    version: node.definition.version,
    content_hash: node.contentHash,
    created_at: localTime(node.createdAt, timeZone),
    created_by: node.createdBy,
  }
}
