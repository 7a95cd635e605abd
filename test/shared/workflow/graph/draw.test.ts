import { describe, expect, test } from 'vitest'
import type { WorkflowNode } from '../../../../shared/workflow/definition/workflow-definition.ts'
import { DATA_PIPELINE } from '../../../../shared/workflow/graph/built-in.ts'
import { graphMermaid, graphText } from '../../../../shared/workflow/graph/draw.ts'
import { planOf } from '../../../../shared/workflow/graph/plan.ts'

/** Nodes by name, with what each needs: `d: abc`. */
function drawn(...nodes: string[]): string[] {
  const definition = nodes.map((text): WorkflowNode => {
    const [name = '', needs = ''] = text.split(': ')
    return { name, node: name, needs: [...needs] }
  })
  return graphText(planOf({ inputs: [], nodes: definition }))
    .trimEnd()
    .split('\n')
}

describe('the drawing of a workflow', () => {
  test('of nodes in a row is a line', () => {
    expect(graphText(planOf(DATA_PIPELINE)).split('\n')).toEqual([
      '●  ddl_generation',
      '│',
      '●  qa_generation',
      '│',
      '●  sql_validation',
      '│',
      '●  training_load',
      '',
    ])
  })

  test('of two ways that meet again shows both', () => {
    expect(drawn('a', 'b: a', 'c: a', 'd: bc')).toEqual(['●    a', '├─╮', '│ ●  b', '│ │', '● │  c', '├─╯', '●    d'])
  })

  test('of several beginnings and ends keeps them apart', () => {
    expect(drawn('a', 'b', 'c', 'd: ac', 'e: b')).toEqual([
      '●      a',
      '│ ●    b',
      '│ │ ●  c',
      '├─│─╯',
      '● │    d',
      '  │',
      '  ●    e',
    ])
  })

  test('shows where a rail that goes on is joined, and where one is only passed', () => {
    expect(drawn('a', 'b', 'c', 'd: abc', 'e: ab', 'f: b')).toEqual([
      '●      a',
      '│ ●    b',
      '│ │ ●  c',
      '├─┼─┤',
      '│ │ ●  d',
      '├─┤',
      '● │    e',
      '  │',
      '  ●    f',
    ])
  })

  test('notes the definition, the loop and the condition of a node, and escapes them for Mermaid', () => {
    const plan = planOf({
      inputs: [],
      nodes: [
        { name: 'a', node: 'rows', version: '1.0.0' },
        {
          name: 'b',
          node: 'keep',
          version: '2.0.0',
          for_each: '{{ nodes.a.outputs.rows }}',
          when: 'nodes.a.outputs.name == "x<y"',
          needs: ['a'],
          retry: { max_attempts: 2 },
          timeout_seconds: 5,
        },
        { name: 'c', node: 'rows', needs: ['b'] },
      ],
    })
    expect(graphText(plan)).toBe(
      [
        '●  a  rows@1.0.0',
        '│',
        '●  b  keep@2.0.0, for_each {{ nodes.a.outputs.rows }}, when nodes.a.outputs.name == "x<y", max_attempts 2, timeout_seconds 5',
        '│',
        '●  c  rows',
        '',
      ].join('\n'),
    )
    const mermaid = graphMermaid(plan, (source) => source === 'a')
    expect(mermaid).toContain('flowchart TD\n  n0["a<br/>rows@1.0.0"]\n')
    expect(mermaid).toContain('when nodes.a.outputs.name == #34;x#60;y#34;')
    expect(mermaid).toContain('\n  n0 --> n1\n  n1 -.-> n2\n')
  })
})
