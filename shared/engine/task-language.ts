import type { Task } from './task.ts'

/** In which language a task speaks to its owner: the setting, or that of its business context. */
export function taskLanguage(setting: 'zh' | 'en' | 'auto', task: Task): 'zh' | 'en' {
  const asked = task.parameters.language === 'auto' ? setting : task.parameters.language
  if (asked !== 'auto') return asked
  const context = task.businessContext ?? ''
  return context === '' || /\p{Script=Han}/u.test(context) ? 'zh' : 'en'
}
