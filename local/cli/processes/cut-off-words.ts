import type { Ended } from '../../backup/cut-off.ts'
import type { Text } from '../language.ts'

/** What was done about a restore that had been cut off. */
export function cutOffText({ kind, path }: Ended): Text {
  switch (kind) {
    case 'finished':
      return {
        zh: `上次恢复在更替时被打断，已补完：${path} 与存储都是恢复后的内容`,
        en: `An earlier restore was cut off as it changed places, and is finished now: ${path} and the store are the restored ones`,
      }
    case 'undone':
      return {
        zh: `上次恢复在更替时被打断，已撤回：${path} 与存储都是恢复前的内容`,
        en: `An earlier restore was cut off as it changed places, and is undone now: ${path} and the store are as they were before it`,
      }
    case 'removed':
      return {
        zh: `上次恢复在中途被打断，原有内容未受影响；已删除它留下的半成品 ${path}`,
        en: `An earlier restore was cut off half-way and had changed nothing; what it had built is removed: ${path}`,
      }
  }
}
