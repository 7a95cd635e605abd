import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const FOLDER = fileURLToPath(new URL('../../node_modules/.helix/', import.meta.url))

/**
 * One file of a program and all that it imports of this project, so that a process of it starts in a third of the time.
 * Modules still know where they were written.
 * @param change given each source as it is read, and may change it
 * @returns where the file is
 */
export async function bundle(
  entry: string,
  name: string,
  change: (text: string, path: string) => string = (text) => text,
): Promise<string> {
  mkdirSync(FOLDER, { recursive: true })
  const outfile = join(FOLDER, `${name}.mjs`)
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    sourcemap: 'inline',
    plugins: [inPlace(change)],
  })
  return outfile
}

function inPlace(change: (text: string, path: string) => string): Plugin {
  return {
    name: 'in-place',
    setup(builder) {
      builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = change(await readFile(path, 'utf8'), path)
          .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
          .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        return { contents: text, loader: 'ts' }
      })
    },
  }
}
