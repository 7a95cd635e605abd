import { open } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { Problem } from '../../shared/platform/problems.ts'
import { codeOf } from './disk-problems.ts'
import { pathInside } from './path-inside.ts'

const LIST_BYTES_MAX = 1_000_000 // some ten thousand tables with their comments

export interface TableLists {
  /** @throws {Problem} `invalid_table_list` for a name that leads outside, or a list that can't be read */
  read(name: string): Promise<string | null>
}

export interface TableListsOptions {
  /** HELIX_TABLE_LISTS_DIR, as the user configured it; looked in first. */
  readonly dir: string
  /** HELIX_FILES_ROOT, as the user configured it. */
  readonly filesRoot: string
  /** Knows the bundled lists, which any list of the user's own goes before. */
  readonly sources?: { tableList(name: string): string | null }
}

/** Named lists of tables on the disk. */
export function tableLists({ dir, filesRoot, sources }: TableListsOptions): TableLists {
  return {
    async read(name) {
      return (await readList(dir, name)) ?? (await readList(filesRoot, name)) ?? sources?.tableList(name) ?? null
    },
  }
}

async function readList(folder: string, name: string): Promise<string | null> {
  const shown = JSON.stringify(name.slice(0, 200))
  if (name.trim() === '' || name.includes('\0') || isAbsolute(name) || name.includes('\\')) throw outside(shown)
  try {
    const path = await pathInside(resolve(folder), name)
    if (path === null) throw outside(shown)
    const handle = await open(path, 'r')
    try {
      const { size } = await handle.stat()
      if (size > LIST_BYTES_MAX) throw new Problem('invalid_table_list', `The table list ${shown} is too large`)
      return new TextDecoder().decode(await handle.readFile())
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null
    if (code === '') throw error
    throw new Problem('invalid_table_list', `Cannot read the table list ${shown} in ${folder} (${code})`)
  }
}

function outside(shown: string): Problem {
  return new Problem('invalid_table_list', `The table list ${shown} is outside the folder of table lists`, {
    hint: 'Give the name of a file below HELIX_TABLE_LISTS_DIR',
  })
}
