import { lstatSync, renameSync, rmSync, symlinkSync } from 'node:fs'

/** Makes `path` a link to `name`, in one step. A file that is no link stays; without links there is none. */
export function pointTo(path: string, name: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found !== undefined && !found.isSymbolicLink()) return
  const temporary = `${path}.tmp`
  try {
    rmSync(temporary, { force: true })
    symlinkSync(name, temporary)
    renameSync(temporary, path)
  } catch {
    rmSync(temporary, { force: true }) // such a file system: whoever reads the log looks for the newest file
  }
}
