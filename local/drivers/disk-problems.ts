import { Problem } from '../../shared/platform/problems.ts'

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space',
  EDQUOT: 'The disk quota is used up: free some space',
  EACCES: 'Let the user that runs Helix write there',
  EPERM: 'Let the user that runs Helix write there',
  EROFS: 'The disk is mounted read-only: choose another directory',
  ENOTDIR: 'Something on that path is a file where a directory is needed: choose another directory',
  EISDIR: 'A directory has the name of this file: move it away',
}

/**
 * Runs one piece of work on the files, turning the disk's refusals into problems.
 * @param root as the user configured it, so that messages show no other path of this machine
 * @throws {Problem} `files_unavailable`; `invalid_file_name` for a name that is too long for the disk
 */
export async function onDisk<T>(
  root: string,
  verb: 'read' | 'write' | 'list' | 'delete',
  key: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = codeOf(error)
    if (error instanceof Problem || code === '') throw error
    if (code === 'ENAMETOOLONG') throw new Problem('invalid_file_name', `The file name "${key}" is too long`)
    throw new Problem('files_unavailable', `Cannot ${verb} "${key}" in ${root} (${code})`, {
      hint: `${HINTS[code] ?? 'Check the directory'} (HELIX_FILES_ROOT is ${root})`,
      cause: error,
    })
  }
}

/** `ENOENT` and the like; empty for any other error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code)) ? String(error.code) : ''
}
