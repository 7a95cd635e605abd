import type { Platform } from '../../platform/platform.ts'
import type { Queryable } from '../../platform/store.ts'
import { momentFor } from '../zombies/abandoned.ts'
import { CHECKS } from './all.ts'
import type { Finding } from './finding.ts'
import { findingKey } from './finding.ts'
import { HashBudget, readFolder } from './folder.ts'
import { impactOf, scopeOf } from './impact.ts'
import { type FileFact, type Picture, readRows } from './picture.ts'

/** Files of tasks, by the task's id. */
export type Folders = ReadonlyMap<string, ReadonlyMap<string, FileFact>>

/** What all checks say of one task. */
export function findingsOf(picture: Picture): Finding[] {
  const scope = scopeOf(picture.task)
  return CHECKS.flatMap((check) => {
    const { name, type, severity, meaning, repair } = check
    return check.find(picture).map((found) => {
      const told = found.detail === undefined ? meaning : joined(meaning, found.detail)
      return {
        ...found,
        check: name,
        type,
        severity,
        taskId: picture.taskId,
        impact: impactOf(type, scope),
        meaning: told,
        repair,
      }
    })
  })
}

function joined(meaning: Finding['meaning'], detail: Finding['meaning']): Finding['meaning'] {
  return { zh: `${meaning.zh}：${detail.zh}`, en: `${meaning.en}: ${detail.en}` }
}

/** The folders of tasks, with the hashes that their rows can be held against. */
export async function readFolders(
  platform: Pick<Platform, 'store' | 'files'>,
  taskIds: readonly string[],
  budget: HashBudget,
): Promise<Folders> {
  const folders = new Map<string, ReadonlyMap<string, FileFact>>()
  for (const { taskId, outputs } of await readRows(platform.store, taskIds)) {
    folders.set(taskId, await readFolder(platform.files, taskId, outputs, budget))
  }
  return folders
}

/** Pictures of tasks: their rows as they are now, beside folders that were read before. @param store or a transaction */
export async function takePictures(
  platform: Pick<Platform, 'clock' | 'config'>,
  store: Queryable,
  taskIds: readonly string[],
  folders: Folders,
): Promise<Picture[]> {
  const rows = await readRows(store, taskIds)
  const executions = rows.flatMap((row) => row.executions)
  const moment = await momentFor(platform, store, executions)
  return rows.map((row) => ({ ...row, files: folders.get(row.taskId) ?? null, ...moment }))
}

// Whoever changes a task and its files holds this row meanwhile: waits until they are done.
const WAIT_FOR_TASKS = `
  select id
    from data_pipeline_tasks
   where id = any($1)
     for share`

export interface LookOptions {
  /** Folders are left out where only the store is asked. */
  readonly files: boolean
  readonly budget: HashBudget
}

/**
 * What is wrong with some tasks. Whatever is found is looked at a second time, after everybody who was changing it is
 * done: what only one of the two looks has seen was on its way, not dirty.
 */
export async function lookTwice(
  platform: Platform,
  taskIds: readonly string[],
  { files, budget }: LookOptions,
): Promise<Finding[]> {
  const first = await look(platform, taskIds, files, budget)
  if (first.length === 0) return []
  const ids = [...new Set(first.map(({ taskId }) => taskId))]
  await platform.store.query(WAIT_FOR_TASKS, [ids])
  const again = new Set((await look(platform, ids, files, budget)).map(findingKey))
  return first.filter((finding) => again.has(findingKey(finding)))
}

async function look(
  platform: Platform,
  taskIds: readonly string[],
  files: boolean,
  budget: HashBudget,
): Promise<Finding[]> {
  const folders = files ? await readFolders(platform, taskIds, budget) : new Map()
  const pictures = await takePictures(platform, platform.store, taskIds, folders)
  return pictures.flatMap(findingsOf)
}

const TASK_BYTES_MAX = 512 * 1024 * 1024 // of one task

/** The task's folder as it is now. */
export async function foldersOf(platform: Platform, taskId: string): Promise<Folders> {
  return await readFolders(platform, [taskId], new HashBudget(TASK_BYTES_MAX))
}
