import { expect, test } from 'vitest'
import { valueNames } from '../../../../shared/dataset/questions/value-names.ts'

test.each([
  ['zh', '订单状态：0草稿 1已审核 2部分入库', '0=草稿 1=已审核 2=部分入库'],
  ['zh', '是否停用：0-否，1-是', '0=否 1=是'],
  ['zh', '支付状态(0:未支付,1:已支付)', '0=未支付 1=已支付'],
  ['zh', '单价，保留2位小数', ''],
  ['zh', null, ''],
  ['en', 'state (A: active, B: on hold)', 'A=active B=on hold'],
  ['en', '0 to 100 points', ''],
] as const)('in %s, a comment tells what codes mean: %s', (language, comment, told) => {
  const names = [...valueNames(comment, language)].map(([code, name]) => `${code}=${name}`)
  expect(names.join(' ')).toBe(told)
})
