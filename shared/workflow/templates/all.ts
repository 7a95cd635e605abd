import { LIST_TEMPLATES } from './lists.ts'
import { NUMBER_TEMPLATES } from './numbers.ts'
import { ROW_TEMPLATES } from './rows.ts'
import { TABLE_TEMPLATES } from './tables.ts'
import type { Template } from './template.ts'
import { TEXT_TEMPLATES } from './texts.ts'

/** Every template that a draft can be made from. */
export const TEMPLATES: readonly Template[] = [
  ...NUMBER_TEMPLATES,
  ...LIST_TEMPLATES,
  ...ROW_TEMPLATES,
  ...TABLE_TEMPLATES,
  ...TEXT_TEMPLATES,
]

export interface TemplateMatch {
  readonly template: Template
  readonly score: number
  /** The words of the request that speak for it. */
  readonly words: readonly string[]
}

/** Templates that a request speaks for, the best first. */
export function matchTemplates(request: string): readonly TemplateMatch[] {
  return TEMPLATES.map((template) => {
    const found = template.words.flatMap(([pattern, weight]) => {
      const word = pattern.exec(request)?.[0]
      return word === undefined ? [] : [{ word, weight }]
    })
    const score = found.reduce((most, { weight }) => Math.max(most, weight), 0)
    return { template, score, words: found.map(({ word }) => word) }
  })
    .filter(({ score }) => score > 1)
    .toSorted((one, other) => other.score - one.score)
}
