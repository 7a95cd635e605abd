import { describe, expect, test } from 'vitest'
import { parseCondition } from '../../../../shared/workflow/graph/condition.ts'
import { holds } from '../../../../shared/workflow/graph/evaluate.ts'
import { SyntaxFault } from '../../../../shared/workflow/graph/syntax.ts'
import type { ValueScope } from '../../../../shared/workflow/graph/values.ts'

const scope: ValueScope = {
  inputs: { region: '华东', min: 10, strict: false, tags: ['a', 'b'], box: { x: 1, y: [2] }, nothing: null },
  outputsOf: (name) => (name === 'count' ? { rows: 12, list: [1, 2, 3] } : undefined),
}
const decide = (text: string) => holds(parseCondition(text), scope)

describe('a condition', () => {
  test.each([
    ['true', true],
    ['not true', false],
    ['inputs.strict', false],
    ['!inputs.strict', true],
    ['{{ nodes.count.outputs.rows }} > {{ inputs.min }}', true],
    ['nodes.count.outputs.rows >= 12 and nodes.count.outputs.rows <= 12', true],
    ['nodes.count.outputs.list.length == 3', true],
    ["inputs.region == '华东'", true],
    ['inputs.region in ["华北", "华东"]', true],
    ["'x' not in inputs.tags", true],
    ["'华' in inputs.region", true],
    ["inputs.region != '华东' or inputs.min < 11", true],
    ['false and true or true', true],
    ['false and (true or true)', false],
    ['true or false and false', true],
    ['not false and false', false],
    ['not (false and false)', true],
    ['inputs.box == inputs.box', true],
    ['inputs.min == "10"', false],
    ['1 == true', false],
    ['-1.5e1 < -14', true],
    ['"b" > "a" && "" < "a"', true],
    ["'it\\'s' == \"it's\"", true],
    ['nodes.skipped.outputs.rows == null', true],
    ['nodes.skipped.outputs.rows > 3', false],
    ['inputs.nothing or inputs.nothing', false],
    ['inputs.tags == ["a", "b"]', true],
    ['[1, [2]] == [1, [2]]', true],
    ['1 in []', false],
  ])('%s is decided by its values', (text, expected) => {
    expect(decide(text)).toBe(expected)
  })

  test('looks no further than it must', () => {
    expect(decide('true or 1 < "a"')).toBe(true)
    expect(decide('false and 1 < "a"')).toBe(false)
  })

  test.each([
    ['nodes.count.outputs.rows', '12 is neither'],
    ['1 < "2"', 'only two numbers or two texts have an order'],
    ['1 in 2', 'takes a list'],
    ["'yes'", '"yes" is neither'],
    ['true < false', 'have an order'],
  ])('%s is refused, since its values decide nothing', (text, message) => {
    expect(() => decide(text)).toThrow(message)
  })

  test.each([
    ['', 0, undefined],
    ['inputs.min >', 12, undefined],
    ['inputs.min = 3', 11, '=='],
    ['inputs.min === 3', 13, undefined],
    ['1 < 2 < 3', 5, 'and'],
    ['(true', 5, undefined],
    ['true)', 4, undefined],
    ['yes', 0, "'yes'"],
    ['ture', 0, 'true'],
    ['input.min > 3', 0, 'inputs'],
    ['true andd false', 5, 'and'],
    ['inputs.min not 3', 15, undefined],
    ['"open', 0, undefined],
    ['process.exit(1)', 0, "'process'"],
    ['inputs.min > 3; 1', 14, undefined],
    ['`a`', 0, undefined],
    ['a => a', 0, undefined],
    ['[1, 2', 5, undefined],
    [`${'('.repeat(60)}1`, 51, undefined],
    [`${'!'.repeat(60)}true`, 51, undefined],
    [' '.repeat(2_001), 2_000, undefined],
  ])('%j is refused where it goes wrong', (text, start, nearest) => {
    let thrown: unknown
    try {
      parseCondition(text)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(SyntaxFault)
    const fault = thrown as SyntaxFault
    expect(fault.span.start).toBe(start)
    if (nearest !== undefined) expect(fault.nearest).toBe(nearest)
  })
})
