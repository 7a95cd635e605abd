import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** As much of tsx's own compiler as is used here. */
interface Esbuild {
  build(
    options: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly outputFiles: readonly { readonly text: string }[] }>
}

let script: Promise<string> | undefined

/**
 * `sandbox-thread.ts` as one script. A thread that had to load TypeScript by itself would take ten times as long to
 * start, so the compiler that runs all of Helix is asked once per process.
 */
export function sandboxThreadScript(): Promise<string> {
  script ??= bundled().catch((cause: unknown) => {
    script = undefined // the next call tries again
    throw cause
  })
  return script
}

async function bundled(): Promise<string> {
  const tsx = createRequire(import.meta.resolve('tsx/esm/api'))
  const { build } = tsx('esbuild') as Esbuild
  const entry = fileURLToPath(new URL('./sandbox-thread.ts', import.meta.url))
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
  })
  return outputFiles[0]?.text ?? ''
}
