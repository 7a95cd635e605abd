import { faultOfType } from '../dirty-data/fault-of-type.ts'

export const orphanOutputs = faultOfType('B', 'P2', {
  zh: '孤儿输出：没有文件的记录，或没有记录的文件',
  en: 'Orphans: rows without files, or files without rows',
})
