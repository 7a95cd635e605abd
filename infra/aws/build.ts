import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface LambdaBundle {
  /** The module that exports `handler` and `stream`. */
  readonly file: string
  /** Every source file in it, relative to the repository. */
  readonly inputs: readonly string[]
  /** All files together. */
  readonly bytes: number
}

export interface LambdaBundleOptions {
  readonly entry?: string
  /** Emptied first. Default `infra/aws/dist`. */
  readonly outDir?: string
}

// Emscripten's loaders and `pg` are CommonJS: they look for `require` and for the folder that they lie in.
const BANNER = `import { createRequire as __createRequire } from 'node:module'
import { fileURLToPath as __toPath } from 'node:url'
const require = __createRequire(import.meta.url)
const __filename = __toPath(import.meta.url)
const __dirname = __toPath(new URL('.', import.meta.url)).slice(0, -1)`

/** Bundles Helix for Lambda's Node.js runtime: one module, the WebAssembly files beside it, and nothing to install. */
export async function buildLambda(options: LambdaBundleOptions = {}): Promise<LambdaBundle> {
  const { entry = join(ROOT, 'functions/lambda.ts'), outDir = join(ROOT, 'infra/aws/dist') } = options
  await rm(outDir, { recursive: true, force: true })
  await mkdir(outDir, { recursive: true })
  const file = join(outDir, 'lambda.mjs')
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true, // names stay, so that a stack trace can be read
    legalComments: 'external',
    charset: 'utf8',
    banner: { js: BANNER },
    external: ['pg-native'], // `pg` asks for it only where it is wanted
    metafile: true,
    logLevel: 'warning',
  })
  const inputs = Object.keys(metafile.inputs)
  for (const wasm of await wasmBeside(metafile)) await copyFile(join(ROOT, wasm), join(outDir, basename(wasm)))
  await writeFile(join(outDir, 'package.json'), '{ "type": "module", "private": true }\n')
  return { file, inputs, bytes: await bytesIn(outDir) }
}

/** The WebAssembly that the bundled loaders read at run time: it lies beside each of them. */
async function wasmBeside({ inputs }: Metafile): Promise<string[]> {
  const folders = new Set(Object.keys(inputs).map(dirname))
  const found: string[] = []
  for (const folder of folders) {
    const names = await readdir(join(ROOT, folder))
    found.push(...names.filter((name) => name.endsWith('.wasm')).map((name) => join(folder, name)))
  }
  return found
}

async function bytesIn(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { file, bytes } = await buildLambda()
  process.stdout.write(`${dirname(file)}: ${(bytes / 1e6).toFixed(1)} MB\n`)
}
