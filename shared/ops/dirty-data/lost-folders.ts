import { timestampId } from '../../platform/clock.ts'
import type { Platform } from '../../platform/platform.ts'
import { findKnownTasks } from './scan-store.ts'

const TASK_FOLDER = /^(task|manual)_(\d{8}_\d{6})(_\d+)?$/
const PAGES_MAX = 50 // of a thousand files each
const FRESH_MS = 600_000 // a task that is being accepted has its first file before its row

/** Folders that look like those of tasks, and whose task is gone. @returns also whether there were more files than were looked at */
export async function lostFolders(
  { files, store, clock }: Platform,
  isTimeLeft: () => boolean,
): Promise<{ taskIds: string[]; isCut: boolean }> {
  const newest = timestampId(new Date(clock.now().getTime() - FRESH_MS), clock.timeZone)
  const folders = new Set<string>()
  let cursor: string | null = null
  let pages = 0
  do {
    if (pages++ >= PAGES_MAX || !isTimeLeft()) return { taskIds: await unknown(), isCut: true }
    const page: { files: readonly { key: string }[]; cursor: string | null } = await files.list(
      '',
      cursor === null ? {} : { cursor },
    )
    for (const { key } of page.files) {
      const [folder = '', ...rest] = key.split('/')
      const second = TASK_FOLDER.exec(folder)?.[2]
      if (rest.length > 0 && second !== undefined && second < newest) folders.add(folder)
    }
    cursor = page.cursor
  } while (cursor !== null)
  return { taskIds: await unknown(), isCut: false }

  async function unknown(): Promise<string[]> {
    const known = await findKnownTasks(store, [...folders])
    return [...folders].filter((folder) => !known.has(folder))
  }
}
