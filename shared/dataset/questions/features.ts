import {
  asType,
  childOf,
  fromItems,
  isNode,
  lastName,
  listOf,
  namesOf,
  type SqlTree,
  type TreeNode,
  walk,
} from './tree.ts'

/** The forty features that good training data shows wherever the schema allows them. */
export const CORE_FEATURES = [
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'count_distinct',
  'filter',
  'group_by',
  'having',
  'rollup',
  'case',
  'coalesce',
  'date_trunc',
  'extract',
  'interval',
  'ilike',
  'regex',
  'between',
  'in',
  'not_exists',
  'scalar_subquery',
  'correlated_subquery',
  'derived_table',
  'cte',
  'two_ctes',
  'recursive_cte',
  'left_join',
  'self_join',
  'join_3',
  'anti_join',
  'set_operation',
  'row_number',
  'rank',
  'lag',
  'running_sum',
  'ntile',
  'distinct_on',
  'lateral',
  'percentile_cont',
  'string_agg',
] as const

/** Told as well, but not asked of every database. */
export const EXTRA_FEATURES = [
  'where',
  'order_by',
  'limit',
  'distinct',
  'join',
  'or',
  'is_null',
  'exists',
  'union',
  'intersect',
  'except',
  'window',
  'array_operator',
  'json_operator',
  'text_search',
] as const

export type Feature = (typeof CORE_FEATURES)[number] | (typeof EXTRA_FEATURES)[number]

/** The features that a statement uses, in the order of the lists above. */
export function featuresOf(tree: SqlTree): Feature[] {
  const found = new Set<Feature>()
  walk(tree.stmts, (type, node) => {
    for (const feature of FINDERS[type]?.(node) ?? []) found.add(feature)
    return undefined
  })
  return [...CORE_FEATURES, ...EXTRA_FEATURES].filter((feature) => found.has(feature))
}

const FUNCTION_FEATURES: Readonly<Record<string, Feature>> = {
  min: 'min',
  max: 'max',
  avg: 'avg',
  date_trunc: 'date_trunc',
  extract: 'extract',
  date_part: 'extract',
  row_number: 'row_number',
  rank: 'rank',
  dense_rank: 'rank',
  lag: 'lag',
  lead: 'lag',
  ntile: 'ntile',
  percentile_cont: 'percentile_cont',
  percentile_disc: 'percentile_cont',
  string_agg: 'string_agg',
  cardinality: 'array_operator',
  unnest: 'array_operator',
  array_agg: 'array_operator',
  array_length: 'array_operator',
  jsonb_typeof: 'json_operator',
  json_typeof: 'json_operator',
  jsonb_each: 'json_operator',
  jsonb_array_length: 'json_operator',
  jsonb_array_elements: 'json_operator',
}
const OPERATOR_FEATURES: Readonly<Record<string, Feature>> = {
  '~': 'regex',
  '~*': 'regex',
  '!~': 'regex',
  '!~*': 'regex',
  '->': 'json_operator',
  '->>': 'json_operator',
  '#>': 'json_operator',
  '#>>': 'json_operator',
  '?': 'json_operator',
  '@@': 'text_search',
  '@>': 'array_operator',
  '&&': 'array_operator',
}
const EXPRESSION_FEATURES: Readonly<Record<string, Feature>> = {
  AEXPR_ILIKE: 'ilike',
  AEXPR_BETWEEN: 'between',
  AEXPR_IN: 'in',
  AEXPR_OP_ANY: 'array_operator',
}

const FINDERS: Readonly<Record<string, (node: TreeNode) => Feature[]>> = {
  FuncCall: functionFeatures,
  SelectStmt: selectFeatures,
  larg: selectFeatures,
  rarg: selectFeatures,
  A_Expr: (node) =>
    [EXPRESSION_FEATURES[String(node.kind)], OPERATOR_FEATURES[lastName(node, 'name')]].filter(
      (feature) => feature !== undefined,
    ),
  CaseExpr: () => ['case'],
  CoalesceExpr: () => ['coalesce'],
  GroupingSet: (node) => (node.kind === 'GROUPING_SET_ROLLUP' ? ['rollup'] : []),
  NullTest: () => ['is_null'],
  TypeCast: (node) => (lastName(childOf(node, 'typeName') ?? {}, 'names') === 'interval' ? ['interval'] : []),
  RangeSubselect: (node) => (node.lateral === true ? ['lateral'] : ['derived_table']),
  withClause: (node) => {
    const features: Feature[] = node.recursive === true ? ['cte', 'recursive_cte'] : ['cte']
    return listOf(node, 'ctes').length > 1 ? [...features, 'two_ctes'] : features
  },
  BoolExpr: (node) => {
    if (node.boolop === 'OR_EXPR') return ['or']
    const negated = asType(listOf(node, 'args')[0], 'SubLink')
    return node.boolop === 'NOT_EXPR' && negated?.subLinkType === 'EXISTS_SUBLINK' ? ['not_exists'] : []
  },
  SubLink: sublinkFeatures,
}

function functionFeatures(node: TreeNode): Feature[] {
  const name = lastName(node, 'funcname')
  const known = FUNCTION_FEATURES[name]
  const features: Feature[] = known === undefined ? [] : [known]
  const over = childOf(node, 'over')
  if (name === 'count') features.push(node.agg_distinct === true ? 'count_distinct' : 'count')
  if (name === 'sum') features.push(over !== null && listOf(over, 'orderClause').length > 0 ? 'running_sum' : 'sum')
  if (isNode(node.agg_filter)) features.push('filter')
  if (over !== null) features.push('window')
  return features
}

function sublinkFeatures(node: TreeNode): Feature[] {
  const features: Feature[] = []
  if (node.subLinkType === 'EXPR_SUBLINK') features.push('scalar_subquery')
  if (node.subLinkType === 'EXISTS_SUBLINK') features.push('exists')
  if (node.subLinkType === 'ANY_SUBLINK') features.push('in')
  if (reachesOut(asType(node.subselect, 'SelectStmt'))) features.push('correlated_subquery')
  return features
}

/** Whether a subquery names an alias that is not its own. */
function reachesOut(select: TreeNode | null): boolean {
  const own = new Set<string>()
  const used = new Set<string>()
  walk(
    select,
    (type, node) => {
      const alias = asType(node, 'alias')?.aliasname ?? (type === 'RangeVar' ? node.relname : undefined)
      if (typeof alias === 'string') own.add(alias)
      const names = type === 'ColumnRef' ? namesOf(node, 'fields') : null
      const qualifier = names?.at(-2)
      if (qualifier !== undefined) used.add(qualifier)
      return undefined
    },
    'SelectStmt',
  )
  return [...used].some((qualifier) => !own.has(qualifier))
}

function selectFeatures(select: TreeNode): Feature[] {
  const features: Feature[] = []
  if (isNode(select.whereClause)) features.push('where')
  if (listOf(select, 'groupClause').length > 0) features.push('group_by')
  if (isNode(select.havingClause)) features.push('having')
  if (listOf(select, 'sortClause').length > 0) features.push('order_by')
  if (isNode(select.limitCount)) features.push('limit')
  const distinct = listOf(select, 'distinctClause')
  if (distinct.length > 0)
    features.push(distinct.some((item) => Object.keys(item).length > 0) ? 'distinct_on' : 'distinct')
  const operation = { SETOP_UNION: 'union', SETOP_INTERSECT: 'intersect', SETOP_EXCEPT: 'except' } as const
  const named = Object.entries(operation).find(([key]) => key === select.op)?.[1]
  if (named !== undefined) features.push('set_operation', named)
  return [...features, ...joinFeatures(select)]
}

function joinFeatures(select: TreeNode): Feature[] {
  const features: Feature[] = []
  const { items, joins } = fromItems(select)
  if (items.length > 1) features.push('join')
  if (items.length > 2) features.push('join_3')
  const names = items
    .map((item) => asType(item, 'RangeVar'))
    .filter((table) => table !== null)
    .map((table) => `${String(table.schemaname ?? '')}.${String(table.relname)}`)
  if (new Set(names).size < names.length) features.push('self_join')
  const left = joins.filter((join) => join.jointype === 'JOIN_LEFT')
  if (left.length === 0) return features
  features.push('left_join')
  const optional = new Set(left.flatMap((join) => aliasOf(join.rarg)))
  walk(select.whereClause, (type, node) => {
    if (type === 'NullTest' && node.nulltesttype === 'IS_NULL') {
      const qualifier = namesOf(asType(node.arg, 'ColumnRef') ?? {}, 'fields')?.at(-2)
      if (qualifier !== undefined && optional.has(qualifier)) features.push('anti_join')
    }
    return type !== 'SubLink'
  })
  return features
}

function aliasOf(item: unknown): string[] {
  const table = asType(item, 'RangeVar')
  const alias = table === null ? undefined : (childOf(table, 'alias')?.aliasname ?? table.relname)
  return typeof alias === 'string' ? [alias] : []
}
