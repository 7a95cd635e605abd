import type { FileContent, Files } from '../../shared/platform/files.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { TEMPORARY_PREFIX } from '../drivers/disk-walk.ts'
import type { Faults } from './faults.ts'
import type { InvocationLife } from './invocation-life.ts'

/**
 * Files whose writes fail, or are torn: a torn put leaves a temporary file and the old content, a torn append half of
 * its text. Then the writer is told that it failed.
 */
export function faultyFiles(files: Files, faults: Faults): Files {
  return {
    ...reading(files),
    async put(key, content, condition) {
      const chosen = faults.decide('files.put')
      if (chosen.fail !== undefined) throw refused('put', key)
      if (chosen.torn === undefined) return await files.put(key, content, condition)
      const folder = key.slice(0, key.lastIndexOf('/') + 1)
      // Appended, since a put would be asked for what it has made, and nobody may be told of a temporary file.
      await files.append(
        `${folder}${TEMPORARY_PREFIX}torn-${faults.decisions()['files.put']}`,
        await firstHalf(content),
      )
      throw refused('put', key)
    },
    async append(key, text) {
      const chosen = faults.decide('files.append')
      if (chosen.fail !== undefined) throw refused('append', key)
      if (chosen.torn === undefined) return await files.append(key, text)
      await files.append(key, text.slice(0, Math.floor(text.length / 2)))
      throw refused('append', key)
    },
    async delete(keys) {
      if (faults.decide('files.delete').fail !== undefined) throw refused('delete', keys[0] ?? '')
      await files.delete(keys)
    },
  }
}

/** Files that an invocation reaches while it lives. */
export function mortalFiles(files: Files, life: InvocationLife): Files {
  return {
    root: files.root,
    put: (key, content, condition) => life.around('files.put', () => files.put(key, content, condition)),
    append: (key, text) => life.around('files.append', () => files.append(key, text)),
    get: (key, range) =>
      life.around('files.get', async () => {
        const file = await files.get(key, range)
        // Whoever dies with an open file has it closed by the system. What is being read already goes on to its end.
        const close = () => void file?.body.cancel().catch(() => undefined)
        if (life.dead) close()
        else life.ended.addEventListener('abort', close)
        return file
      }),
    head: (key) => life.around('files.head', () => files.head(key)),
    list: (prefix, options) => life.around('files.list', () => files.list(prefix, options)),
    delete: (keys) => life.around('files.delete', () => files.delete(keys)),
  }
}

function reading(files: Files): Pick<Files, 'root' | 'get' | 'head' | 'list'> {
  return {
    root: files.root,
    get: (key, range) => files.get(key, range),
    head: (key) => files.head(key),
    list: (prefix, options) => files.list(prefix, options),
  }
}

async function firstHalf(content: FileContent): Promise<string> {
  const whole = await new Response(content as BodyInit).text()
  return whole.slice(0, Math.floor(whole.length / 2))
}

function refused(how: string, key: string): Problem {
  return new Problem('files_unavailable', `Cannot ${how} ${JSON.stringify(key)} (it failed on purpose)`, {
    hint: 'HELIX_FAULTS asks for it',
  })
}
