import * as z from 'zod'
import type { WorkflowDefinition } from '../definition/workflow-definition.ts'
import { dependenciesOf, placesOf } from './places.ts'
import type { PlanNode } from './plan.ts'

export const GraphView = z.object({
  id: z.string(),
  version: z.number().int(),
  nodes: z.array(
    z.object({
      name: z.string(),
      node: z.string(),
      version: z.string().nullable(),
      kind: z.enum(['step', 'dynamic']),
      level: z.number().int(),
      needs: z.array(z.string()),
      when: z.string().nullable(),
      for_each: z.string().nullable(),
    }),
  ),
  edges: z.array(
    z.object({
      source: z.string(),
      target: z.string(),
      via: z.array(z.enum(['reference', 'needs', 'edge'])),
      paths: z.array(z.string()).meta({ description: 'Where the definition says so' }),
    }),
  ),
  order: z.array(z.string()),
  levels: z.array(z.array(z.string())),
})

/** A workflow's graph for programs: nodes in the order in which they run, and each edge once, with all that makes it one. */
export function graphView(
  { id, version, definition }: { id: string; version: number; definition: WorkflowDefinition },
  plan: readonly PlanNode[],
): z.infer<typeof GraphView> {
  const edges = new Map<string, z.infer<typeof GraphView>['edges'][number]>()
  for (const { source, target, via, path } of dependenciesOf(definition, placesOf(definition))) {
    const key = `${source} ${target}`
    const edge = edges.get(key) ?? { source, target, via: [], paths: [] }
    if (!edge.via.includes(via)) edge.via.push(via)
    edge.paths.push(path)
    edges.set(key, edge)
  }
  const levels: string[][] = []
  for (const { name, level } of plan) {
    while (levels.length <= level) levels.push([])
    levels[level]?.push(name)
  }
  return {
    id,
    version,
    nodes: plan.map((node) => ({
      name: node.name,
      node: node.node,
      version: node.version,
      kind: node.isStep ? 'step' : 'dynamic',
      level: node.level,
      needs: [...node.needs],
      when: node.when,
      for_each: node.forEach,
    })),
    edges: [...edges.values()],
    order: plan.map(({ name }) => name),
    levels,
  }
}
