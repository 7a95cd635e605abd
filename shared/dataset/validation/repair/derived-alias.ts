import { edited, endOfClause } from '../tokens.ts'
import { listOf, nodesBelow } from '../tree.ts'
import type { ParsedContext, TreeRule } from './rule.ts'

/** A subquery in FROM without a name, which servers before 16 refuse. */
export const derivedAlias: TreeRule = {
  name: 'derived-alias',
  propose({ sql, tokens, tree, names }: ParsedContext) {
    const unnamed = [...nodesBelow(tree.stmts)].filter(
      ({ kind, node }) => kind === 'RangeSubselect' && node.alias === undefined,
    )
    if (unnamed.length === 0) return []
    const taken = new Set(names.tables.map((table) => table.alias ?? table.name))
    const edits = tokens.flatMap((token, index) => {
      const before = tokens[index - 1]?.text.toLowerCase() ?? ''
      const inside = tokens[index + 1]?.text.toLowerCase()
      const opens = token.text === '(' && (inside === 'select' || inside === 'with' || inside === 'values')
      if (!opens || !['from', 'join', ',', 'lateral'].includes(before)) return []
      const close = tokens[endOfClause(tokens, index + 1, [])]
      const after = tokens[(close === undefined ? -1 : tokens.indexOf(close)) + 1]
      if (close === undefined || (after !== undefined && (after.kind === 'quoted' || isAlias(after.text)))) return []
      let number = 1
      while (taken.has(`sub${number}`)) number++
      taken.add(`sub${number}`)
      return [{ start: close.end, end: close.end, text: ` as sub${number}` }]
    })
    return listOf(edits).length === 0 ? [] : [edited(sql, edits)]
  },
}

const CLAUSE_WORDS =
  /^(?:where|group|having|order|limit|offset|fetch|union|intersect|except|on|using|join|left|right|full|inner|cross|natural|window|for)$/i

function isAlias(text: string): boolean {
  return /^[\p{L}_]/u.test(text) && !CLAUSE_WORDS.test(text)
}
