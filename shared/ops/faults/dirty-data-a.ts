import { faultOfType } from '../dirty-data/fault-of-type.ts'

export const completedWithoutOutputs = faultOfType('A', 'P1', {
  zh: '已完成的执行缺少必需的输出',
  en: 'A completed execution lacks outputs that it must have',
})
