import { expect, test } from 'vitest'
import { isRecursive, mayRecurseForever } from '../../../../shared/dataset/validation/recursion.ts'
import { pgQueryParser } from '../../../../shared/platform/pg-query-parser.ts'

const parser = pgQueryParser()
const STEP = 'select e.id from employee e join tree on e.boss_id = tree.id'

test.each([
  [
    'one that counts without a table',
    'with recursive n as (select 1 as i union all select i + 1 from n) select * from n',
    true,
  ],
  [
    'one that starts anywhere and keeps repeats',
    `with recursive tree as (select id from employee where id = 3 union all ${STEP}) select * from tree`,
    true,
  ],
  [
    'one that drops repeats',
    `with recursive tree as (select id from employee where id = 3 union ${STEP}) select * from tree`,
    false,
  ],
  [
    'one that starts from the rows without a parent',
    `with recursive tree as (select id from employee where boss_id is null union all ${STEP}) select * from tree`,
    false,
  ],
  [
    'one with a limit of its depth',
    `with recursive tree as (select id, 1 as level from employee union all select e.id, level + 1 from employee e join tree on e.boss_id = tree.id where tree.level < 10) select * from tree`,
    false,
  ],
  ['a statement that only says recursive', 'with recursive t as (select 1 as i) select * from t', false],
  ['a plain statement', 'select 1', false],
])('%s may go on for ever, or not', async (_, sql, forever) => {
  const tree = await parser.parse(sql)
  expect(mayRecurseForever(tree)).toBe(forever)
  expect(isRecursive(tree)).toBe(sql.includes('recursive'))
})
