// Business words of both languages, so that a Chinese request finds an English node, and names can be made of it.
const CONCEPTS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['sales', /销售额?|营收|\bsales?\b/],
  ['revenue', /收入|\brevenues?\b|\bincome\b/],
  ['profit', /利润|毛利|\bprofits?\b|\bmargin\b/],
  ['cost', /成本|费用|\bcosts?\b|\bexpenses?\b/],
  ['price', /价格|单价|\bprices?\b/],
  ['order', /订单|\borders?\b/],
  ['customer', /客户|顾客|会员|\bcustomers?\b|\bclients?\b/],
  ['user', /用户|\busers?\b/],
  ['product', /产品|商品|\bproducts?\b|\bitems?\b/],
  ['inventory', /库存|\binventor(?:y|ies)\b|\bstock\b/],
  ['employee', /员工|雇员|\bemployees?\b|\bstaff\b/],
  ['salary', /工资|薪资|\bsalar(?:y|ies)\b|\bwages?\b/],
  ['region', /地区|区域|城市|\bregions?\b|\bcit(?:y|ies)\b/],
  ['traffic', /流量|访问量|\btraffic\b|\bvisits?\b/],
  ['quantity', /数量|件数|\bquantit(?:y|ies)\b/],
  ['amount', /金额|数额|\bamounts?\b/],
  ['temperature', /温度|气温|\btemperatures?\b/],
  ['text', /文本|文字|\btexts?\b|\bstrings?\b/],
  ['pairs', /问答对?|问题对|\bpairs?\b|\bquestions?\b/],
  ['growth', /增长|增幅|涨幅|同比|环比|\bgrowth\b|\bincrease\b/],
  ['rate', /率|\brates?\b|\bratios?\b/],
  ['share', /占比|份额|\bshares?\b|\bproportions?\b/],
  ['average', /平均|均值|\baverages?\b|\bmeans?\b/],
  ['total', /合计|总和|总额|总计|\btotals?\b|\bsums?\b/],
  ['rank', /排名|排行|\branks?\b|\brankings?\b|\btop\b/],
  ['filter', /过滤|筛选|\bfilters?\b/],
  ['join', /关联|合并|连接|\bjoins?\b|\bmerge\b/],
  ['group', /分组|汇总|聚合|\bgroups?\b|\baggregat\w*/],
  ['date', /日期|时间|按[日周月季年]|\bdates?\b|\bmonths?\b|\bmonthly\b|\bdaily\b/],
  ['outlier', /异常|离群|\boutliers?\b|\banomal\w*/],
  ['duplicate', /重复|去重|\bduplicates?\b|\bdedup\w*/],
  ['missing', /缺失|空值|填补|\bmissing\b|\bgaps?\b|\bfill\b/],
  ['convert', /换算|转换|\bconver\w*/],
  ['clean', /清洗|清理|\bclean\w*|\btidy\b/],
  ['mask', /脱敏|掩码|\bmask\w*|\bredact\w*/],
  ['moving', /移动|滑动|滚动|\bmoving\b|\brolling\b/],
  ['pivot', /透视|行转列|\bpivot\w*/],
  ['median', /中位数|\bmedians?\b/],
  ['current', /本期|当前|今年|本月|\bcurrent\b/],
  ['previous', /上期|去年|上月|上一|\bprevious\b|\bprior\b|\blast\b/],
  ['count', /个数|次数|计数|\bcounts?\b/],
  ['ddl', /\bddl\b|建表语句|表结构/],
  ['validate', /验证|校验|\bvalidat\w*/],
  ['training', /训练|\btraining\b/],
]

/** The concepts that a text speaks of. */
export function conceptsIn(text: string): readonly string[] {
  const words = text.toLowerCase().replaceAll(/[_-]/g, ' ')
  return CONCEPTS.filter(([, pattern]) => pattern.test(words)).map(([name]) => name)
}

// Words of asking, which say nothing of what is asked for.
const EMPTY =
  /^(?:a|an|the|of|for|and|or|to|in|on|from|with|by|is|are|be|that|which|this|these|it|i|we|you|me|my|our|need|want|please|node|nodes|calculate|compute|create|make|build|get|give|value|values|new|some|each|every|all|input|inputs|output|outputs|return|returns|takes?)$/
const EMPTY_HAN = /需要|一个|一种|计算|节点|用于|可以|帮我|请|的|和|与|并|把|将|我|想要|创建|生成|输入|输出|返回|给/g

/** What a text is about, for comparison: concepts, words, and pairs of neighbouring Chinese characters. */
export function termsIn(text: string): ReadonlySet<string> {
  const words = (
    text
      .toLowerCase()
      .replaceAll(/[_-]/g, ' ')
      .match(/[a-z][a-z0-9]+/g) ?? []
  )
    .filter((word) => !EMPTY.test(word))
    .map((word) => word.replace(/(?<=\w{3})(?:ing|ed|es|s|er|or)$/, ''))
  const han = (text.replaceAll(EMPTY_HAN, ' ').match(/\p{Script=Han}+/gu) ?? []).flatMap((run) =>
    Array.from({ length: Math.max(1, run.length - 1) }, (_, index) => run.slice(index, index + 2)),
  )
  return new Set([...conceptsIn(text).map((name) => `concept ${name}`), ...words, ...han])
}

const WEIGHT_OF_CONCEPT = 3 // a shared concept says more than a shared word

/** How far what is asked for is what is described: 0 to 1. */
export function similarityOf(asked: ReadonlySet<string>, described: ReadonlySet<string>): number {
  const weigh = (terms: Iterable<string>) =>
    [...terms].reduce((sum, term) => sum + (term.startsWith('concept ') ? WEIGHT_OF_CONCEPT : 1), 0)
  const shared = weigh([...asked].filter((term) => described.has(term)))
  // Both how much of the request is met, and how little else the other does.
  const total = weigh(asked) + weigh(described)
  return total === 0 ? 0 : (2 * shared) / total
}
