import type { RepairContext, TextRule } from './rule.ts'

/** Text around the one statement: words before it, doubled semicolons, unclosed parentheses, a comma before a clause. */
export const tidyEnd: TextRule = {
  name: 'tidy-end',
  propose({ sql, tokens, failure }: RepairContext) {
    if (failure.class !== 'syntax') return []
    const first = tokens.find((token) => token.kind === 'word' && /^(?:select|with|values)$/i.test(token.text))
    let text = first === undefined ? sql : sql.slice(first.start)
    text = text.replace(/[;\s]+$/, '')
    text = text.replaceAll(/,(\s*(?:from|where|group\s+by|order\s+by|having|limit)\b|\s*\))/gi, '$1')
    const open = tokens.at(-1)?.depth ?? 0
    if (open > 0) text += ')'.repeat(open)
    return text === sql ? [] : [text]
  },
}
