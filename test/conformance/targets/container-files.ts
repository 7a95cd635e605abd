import { execFile } from 'node:child_process'
import { cp, mkdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Instruction, isSent, last, type Stage } from '../../support/dockerfile.ts'
import type { Words } from '../target.ts'

const run = promisify(execFile)

export interface Assembly {
  /** The folder that the image's root would be, without its base. */
  readonly folder: string
  /** Where its packages came from, for the matrix. */
  readonly packages: Words
}

export interface AssembleOptions {
  readonly stages: readonly Stage[]
  /** Of the repository: the context. */
  readonly root: string
  readonly scratch: string
  /** Runs a shell command with a folder as its `/`. */
  readonly inFolder: (folder: string, command: string) => Promise<void>
}

/** Carries out what the Dockerfile says, stage by stage, in folders of this machine. @throws for an instruction that it does not know */
export async function assemble({ stages, root, scratch, inFolder }: AssembleOptions): Promise<Assembly> {
  const ignore = await readFile(join(root, 'infra/container/Dockerfile.dockerignore'), 'utf8')
  const folderOf = (stage: string) => join(scratch, `stage-${stage}`)
  let packages: Words = { en: 'no packages', zh: '没有依赖包' }
  for (const stage of stages) {
    let workdir = '/'
    const folder = folderOf(stage.name)
    await mkdir(folder, { recursive: true, mode: 0o755 })
    for (const instruction of stage.instructions) {
      const { name, text } = instruction
      if (name === 'WORKDIR') {
        workdir = resolve(workdir, text)
        await mkdir(join(folder, workdir), { recursive: true })
      } else if (name === 'COPY') await copy(instruction, { to: folder, workdir, root, ignore, folderOf })
      else if (name === 'RUN' && text.startsWith('npm ')) packages = await install(join(folder, workdir), text, root)
      else if (name === 'RUN') await inFolder(folder, `cd ${workdir} && ${text}`)
      else if (!DECLARES.has(name)) throw new Error(`What ${name} does is not known here`)
    }
  }
  return { folder: folderOf(stages.at(-1)?.name ?? ''), packages }
}

const DECLARES = new Set(['LABEL', 'ENV', 'USER', 'VOLUME', 'EXPOSE', 'STOPSIGNAL', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'])

interface CopyOptions {
  readonly to: string
  readonly workdir: string
  readonly root: string
  readonly ignore: string
  readonly folderOf: (stage: string) => string
}

async function copy({ flags, text }: Instruction, { to, workdir, root, ignore, folderOf }: CopyOptions): Promise<void> {
  const names = text.split(/\s+/)
  const target = names.pop() ?? ''
  for (const name of names) {
    const from = flags.from === undefined ? join(root, name) : join(folderOf(flags.from), name)
    if (flags.from === undefined && !isSent(ignore, name)) throw new Error(`${name} is not sent to the builder`)
    const into = resolve(workdir, target, target.endsWith('/') ? name : '')
    await cp(from, join(to, into), { recursive: true, verbatimSymlinks: true })
  }
}

/** Installs packages as the Dockerfile says; where no registry answers, the same ones from this checkout. @returns from where */
async function install(folder: string, command: string, root: string): Promise<Words> {
  const env = { ...process.env, npm_config_prefer_offline: 'true', npm_config_fetch_retries: '0' }
  try {
    await run('sh', ['-c', command], { cwd: folder, env })
    const [by] = command.split(' --')
    return { en: `packages by \`${by}\``, zh: `依赖包由 \`${by}\` 安装` }
  } catch {
    await copyPackages(folder, root)
    return { en: 'packages from this checkout, since no registry answered', zh: '没有可用的软件源，依赖包取自本仓库' }
  }
}

/** The packages of the lock file that are not for development only, as this checkout has them. */
async function copyPackages(folder: string, root: string): Promise<void> {
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>
  }
  for (const [path, { dev, optional }] of Object.entries(lock.packages)) {
    if (path === '' || dev === true) continue
    await mkdir(dirname(join(folder, path)), { recursive: true })
    const filter = (source: string) => !source.slice(join(root, path).length).includes('/node_modules')
    await cp(join(root, path), join(folder, path), { recursive: true, verbatimSymlinks: true, filter }).catch(
      (error: unknown) => {
        if (optional !== true) throw error // an optional one may be for another system
      },
    )
  }
}

/** The user of an image, by number. */
export function userOf(stage: Stage): { uid: number; gid: number } {
  const [uid = 0, gid = 0] = last(stage, 'USER').text.split(':').map(Number)
  return { uid, gid }
}
