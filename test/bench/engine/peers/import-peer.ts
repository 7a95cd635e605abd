import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A package that only the bench knows, from where it was installed. @param Module what is used of it, said by the caller */
export async function importPeer<Module>(peersDir: string, name: string): Promise<Module> {
  const resolved = createRequire(join(peersDir, 'package.json')).resolve(name)
  const loaded = (await import(pathToFileURL(resolved).href)) as Module & { default?: Module }
  // A CommonJS package that Node could not read the names of has them all in its default.
  return { ...loaded.default, ...loaded }
}
