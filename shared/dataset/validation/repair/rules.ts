import { ambiguousColumn } from './ambiguous-column.ts'
import { columnName } from './column-name.ts'
import { derivedAlias } from './derived-alias.ts'
import { dialect } from './dialect.ts'
import { groupBy } from './group-by.ts'
import { needlessCast } from './needless-cast.ts'
import { qualifier } from './qualifier.ts'
import { quotedLiteral } from './quoted-literal.ts'
import { reservedName } from './reserved-name.ts'
import type { TextRule, TreeRule } from './rule.ts'
import { spacedName } from './spaced-name.ts'
import { tableName } from './table-name.ts'
import { tidyEnd } from './tidy-end.ts'
import { typeCast } from './type-cast.ts'

/** For statements that may not parse, in the order in which they are tried. */
export const TEXT_RULES: readonly TextRule[] = [dialect, spacedName, tidyEnd, reservedName]

/** For statements that parse. Tables come first: what columns mean depends on them. */
export const TREE_RULES: readonly TreeRule[] = [
  derivedAlias,
  tableName,
  qualifier,
  columnName,
  columnName, // what a subquery calls its columns follows from the first time
  quotedLiteral,
  ambiguousColumn,
  groupBy,
  needlessCast,
  typeCast,
]
