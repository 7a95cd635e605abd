import { execFile, spawn } from 'node:child_process'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Stage } from '../../support/dockerfile.ts'
import { type Image, PROBES_IN_IMAGE } from './container-image.ts'

const run = promisify(execFile)
const TAG = 'helix-conformance'
const OUTPUT_BYTES_MAX = 50_000_000

/** A container engine of this machine; null when none answers. */
export async function findEngine(): Promise<string | null> {
  for (const engine of ['docker', 'podman']) {
    if (await succeeds(engine, ['info'])) return engine
  }
  return null
}

/** Whether a stage's base is here or can be fetched. */
export async function hasBase(engine: string, { base }: Stage): Promise<boolean> {
  return (await succeeds(engine, ['image', 'inspect', base])) || (await succeeds(engine, ['pull', '--quiet', base]))
}

/**
 * The image as the Dockerfile builds it.
 * @param root of the repository @param scratch where its containers' files go
 * @throws when it can't be built
 */
export async function buildImage(engine: string, root: string, scratch: string): Promise<Image> {
  const file = `${root}infra/container/Dockerfile`
  await run(
    engine,
    ['build', '--quiet', '--format=docker', '--file', file, '--tag', TAG, root].filter(
      (flag) => engine === 'podman' || flag !== '--format=docker', // without it podman leaves HEALTHCHECK out
    ),
    { maxBuffer: OUTPUT_BYTES_MAX },
  )
  const files = join(scratch, 'files')
  await mkdir(files, { recursive: true })
  await chmod(files, 0o777) // the image's user is nobody on this machine
  return {
    how: { en: `the image, built and run by ${engine}`, zh: `由 ${engine} 构建并运行的镜像` },
    start({ name: short, env, command }) {
      const name = `${TAG}-${process.pid}-${short}`
      const variables = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`])
      const [entrypoint, ...args] = command ?? []
      const child = spawn(
        engine,
        [
          ...['run', '--rm', '--interactive', '--name', name, '--network', 'host', '--read-only', '--tmpfs', '/tmp'],
          ...['--volume', `${files}:/files`, '--volume', `${root}test/conformance:${PROBES_IN_IMAGE}:ro`],
          ...variables,
          ...(entrypoint === undefined ? [] : ['--entrypoint', entrypoint]),
          ...[TAG, ...args],
        ],
        { stdio: ['pipe', 'pipe', 'pipe'] },
      )
      return {
        process: child,
        run: (argv) => exitCode(engine, ['exec', name, ...argv]),
        signal: (signal) => void exitCode(engine, ['kill', '--signal', signal, name]),
      }
    },
  }
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return (await exitCode(command, args)) === 0
}

async function exitCode(command: string, args: readonly string[]): Promise<number> {
  return await run(command, [...args]).then(
    () => 0,
    (error: { code?: unknown }) => (typeof error.code === 'number' ? error.code : 1),
  )
}
