import { quoteIdentifier, quoteRelation } from '../../catalog/quote.ts'
import { type Edit, edited, isWord } from '../tokens.ts'
import type { RepairContext, TextRule } from './rule.ts'
import { similarNames } from './similar-names.ts'

const ALTERNATIVES_MAX = 2

/** A key word where a table's name belongs: its quotes are missing (`from order`), or it is one misspelt (`orders`). */
export const reservedName: TextRule = {
  name: 'reserved-name',
  propose({ sql, tokens, catalog, failure }: RepairContext) {
    if (failure.class !== 'syntax') return []
    const places = tokens.filter((token, index) => {
      const reserved = token.kind === 'word' && quoteIdentifier(token.text.toLowerCase()).startsWith('"')
      const isTable = isWord(tokens[index - 1], 'from', 'join') && !isWord(token, 'lateral', 'select', 'only')
      return reserved && (isTable || tokens[index + 1]?.text === '.')
    })
    const found = new Set(places.map((token) => token.text.toLowerCase()))
    const proposals = Array.from({ length: ALTERNATIVES_MAX }, (_, rank) => {
      const edits = [...found].flatMap((name): Edit[] => {
        const likely = similarNames(name, catalog.relations, (relation) => relation.name)
        const relation = likely[rank] ?? likely[0]
        if (relation === undefined) return []
        return places
          .filter((token) => token.text.toLowerCase() === name)
          .map((token) => {
            const isTable = isWord(tokens[tokens.indexOf(token) - 1], 'from', 'join')
            const text = isTable ? quoteRelation(relation) : quoteIdentifier(relation.name)
            return { start: token.start, end: token.end, text }
          })
      })
      return edited(sql, edits)
    })
    return [...new Set(proposals)].filter((text) => text !== sql)
  },
}
