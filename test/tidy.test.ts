import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { EXAMPLES } from './support/tidy-examples.ts'
import { RULES } from './support/tidy-rules.ts'
import { only, projectFiles } from './support/tidy-text.ts'

const files = projectFiles(fileURLToPath(new URL('..', import.meta.url)))

describe('the house rules', () => {
  test.each(RULES)('$name', ({ breaches }) => {
    expect(breaches(files)).toEqual([])
  })
})

const texts = (example: Record<string, string>) => Object.entries(example).map(([path, text]) => ({ path, text }))

describe('a rule finds what breaks it and nothing else', () => {
  test.each(EXAMPLES)('%s', (name, good, bad) => {
    const rule = RULES.find((one) => one.name === name)
    expect(rule?.breaches(texts(good))).toEqual([])
    expect(rule?.breaches(texts(bad))).toHaveLength(1)
  })

  test('every rule has such an example', () => {
    expect(EXAMPLES.map(([name]) => name)).toEqual(RULES.map(({ name }) => name))
  })
})

test('telling code from comments and strings survives templates, nesting and regular expressions', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template is what is cut up here
  const source = 'a(`x ${b("}")} y`, /[/"]\\/`/g) // c\n/* d */ e / f / g'
  expect(only(['code'], source).replaceAll(/\s+/g, ' ')).toBe('a( b( ) , ) e / f / g')
})
