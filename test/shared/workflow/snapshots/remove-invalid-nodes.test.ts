import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../../shared/platform/random.ts'
import type { WorkflowDefinition, WorkflowNode } from '../../../../shared/workflow/definition/workflow-definition.ts'
import { knownNodes } from '../../../../shared/workflow/graph/known-nodes.ts'
import { dependenciesOf, placesOf } from '../../../../shared/workflow/graph/places.ts'
import { planOf } from '../../../../shared/workflow/graph/plan.ts'
import { removeInvalidNodes } from '../../../../shared/workflow/snapshots/remove-invalid-nodes.ts'
import { fieldOf } from '../../../support/node-factory.ts'

const step = (name: string, needs: string[] = [], changes: Partial<WorkflowNode> = {}): WorkflowNode => {
  return { name, node: 'ddl_generation', ...(needs.length === 0 ? {} : { needs }), ...changes }
}
const gone = (name: string, needs: string[] = []) => step(name, needs, { node: 'gone' })
const flow = (...nodes: WorkflowNode[]): WorkflowDefinition => ({ inputs: [], nodes })
const KNOWN = knownNodes([
  {
    name: 'use',
    version: '1.0.0',
    contentHash: 'x',
    enabled: true,
    inputs: [fieldOf('must: any'), fieldOf('may?: any')],
    outputs: [fieldOf('out: any')],
  },
])

describe('removing invalid nodes', () => {
  test('leaves a workflow alone in which every node exists', () => {
    const definition = flow(step('a'), step('b', ['a']))
    expect(removeInvalidNodes(definition, KNOWN)).toEqual({ definition, removedNodes: [], removedEdges: 0 })
  })

  test('joins what was before and after, past several that are gone, and drops their edges', () => {
    const definition = flow(step('a'), gone('b', ['a']), gone('c', ['b']), step('d', ['c']))
    const cleaned = removeInvalidNodes({ ...definition, edges: [{ source: 'b', target: 'd' }] }, KNOWN)
    expect(cleaned.definition).toEqual(flow(step('a'), step('d', ['a'])))
    expect(cleaned.removedNodes).toEqual([
      { name: 'b', reason: 'unknown_node' },
      { name: 'c', reason: 'unknown_node' },
    ])
    expect(cleaned.removedEdges).toBe(4)
  })

  test('takes out what can not do without them, but not what can', () => {
    const of = (name: string) => `{{ nodes.${name}.outputs.out }}`
    const use = (name: string, inputs: Record<string, string>, changes = {}): WorkflowNode => {
      return { name, node: 'use', inputs, ...changes }
    }
    const definition = flow(
      gone('x'),
      use('needs_it', { must: of('x') }),
      use('needs_that', { must: of('needs_it') }),
      use('may_do_without', { must: '1', may: `a ${of('x')}` }),
      use('asks_it', { must: '1' }, { when: 'nodes.x.outputs.out == 1' }),
      use('loops_over_it', { must: '{{ item }}' }, { for_each: of('x') }),
    )
    const cleaned = removeInvalidNodes({ ...definition, outputs: { a: of('x'), b: 1 } }, KNOWN)
    expect(cleaned.definition.nodes).toEqual([use('may_do_without', { must: '1' })])
    expect(cleaned.definition.outputs).toEqual({ b: 1 })
    const reasons = cleaned.removedNodes.map(({ name, reason }) => `${name} ${reason}`)
    expect(reasons).toContain('needs_that needs_removed_node')
    expect(reasons).toHaveLength(5)
  })

  test('keeps the order of all that stay and leaves no edge that leads nowhere, in 500 random workflows', () => {
    const random = seededRandom(11)
    for (let round = 0; round < 500; round++) {
      const names = Array.from({ length: 2 + Math.floor(random() * 10) }, (_, at) => `n${at}`)
      const nodes = names.map((name, at) => {
        const needs = names.slice(0, at).filter(() => random() < 0.3)
        return random() < 0.4 ? gone(name, needs) : step(name, needs)
      })
      const { definition } = removeInvalidNodes(flow(...nodes), KNOWN)
      const stay = new Set(definition.nodes.map(({ name }) => name))
      for (const { source, target } of dependenciesOf(definition, placesOf(definition))) {
        expect(stay.has(source) && stay.has(target)).toBe(true)
      }
      const comesBefore = ancestors(flow(...nodes))
      const stillBefore = ancestors(definition)
      for (const name of stay) {
        const before = [...(comesBefore.get(name) ?? [])].filter((one) => stay.has(one))
        expect([...(stillBefore.get(name) ?? [])].toSorted()).toEqual(before.toSorted())
      }
    }
  })

  test('ends at once with many layers of nodes that are gone', () => {
    const layers = Array.from({ length: 60 }, (_, layer) => ['a', 'b', 'c'].map((side) => `${side}${layer}`))
    const nodes = layers.flatMap((names, layer) => names.map((name) => gone(name, layers[layer - 1] ?? [])))
    const { definition } = removeInvalidNodes(flow(step('first'), ...nodes, step('last', layers.at(-1))), KNOWN)
    expect(definition.nodes.map(({ name }) => name)).toEqual(['first', 'last'])
  })
})

function ancestors(definition: WorkflowDefinition): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const { name, needs } of planOf(definition)) {
    found.set(name, new Set(needs.flatMap((one) => [one, ...(found.get(one) ?? [])])))
  }
  return found
}
