import { AGGREGATE_SHAPES } from './aggregate.ts'
import { COUNT_SHAPES } from './count.ts'
import { DATE_SHAPES } from './date.ts'
import { GROUP_SHAPES } from './group.ts'
import { JOIN_SHAPES } from './join.ts'
import { LIST_SHAPES } from './list.ts'
import { PARENT_SHAPES } from './parent.ts'
import { SELF_SHAPES } from './self.ts'
import { SET_SHAPES } from './set.ts'
import type { LinkShape, TableShape } from './shape.ts'
import { SPECIAL_SHAPES } from './special.ts'
import { SUBQUERY_SHAPES } from './subquery.ts'
import { TOP_SHAPES } from './top.ts'
import { VALUE_SHAPES } from './values.ts'
import { WINDOW_SHAPES } from './window.ts'

/** Every kind of question over one relation, by name. */
export const TABLE_SHAPES: Readonly<Record<string, TableShape>> = {
  ...COUNT_SHAPES,
  ...LIST_SHAPES,
  ...AGGREGATE_SHAPES,
  ...GROUP_SHAPES,
  ...TOP_SHAPES,
  ...DATE_SHAPES,
  ...WINDOW_SHAPES,
  ...SUBQUERY_SHAPES,
  ...SET_SHAPES,
  ...SPECIAL_SHAPES,
  ...VALUE_SHAPES,
}

/** Every kind of question over a foreign key; those of `SELF_SHAPES` only where it leads back to its own relation. */
export const LINK_SHAPES: Readonly<Record<string, LinkShape>> = { ...JOIN_SHAPES, ...PARENT_SHAPES }
export const SELF_LINK_SHAPES: Readonly<Record<string, LinkShape>> = { ...LINK_SHAPES, ...SELF_SHAPES }
