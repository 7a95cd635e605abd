import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, lstat, mkdir, readlink, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { commandOf, environmentOf, execForm, last, type Stage } from '../../support/dockerfile.ts'
import { assemble, userOf } from './container-files.ts'
import { type Image, PROBES_IN_IMAGE } from './container-image.ts'

const run = promisify(execFile)
const NODE = '/node' // where a folder as `/` has this machine's Node.js
const PATH = `${NODE}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`
const BORROWED = ['bin', 'sbin', 'lib', 'lib64', 'usr', 'etc', 'dev', 'proc'] // of this machine, for the image's base

/** Why this machine can't stand in for a container engine; null when it can. */
export async function whyNoChroot(): Promise<string | null> {
  const can = await run('unshare', ['--mount', 'chroot', '/', 'true']).then(
    () => true,
    () => false,
  )
  return can ? null : 'neither a container engine answers, nor may this user make a mount namespace (as root on Linux)'
}

export interface ChrootOptions {
  readonly stages: readonly Stage[]
  /** Of the repository. */
  readonly root: string
  readonly scratch: string
}

/**
 * The image without an engine: the files that the Dockerfile gives it, over this machine's system and Node.js for its base,
 * its command started there by its user with its environment. It sees nothing else of this machine's files.
 */
export async function chrootImage({ stages, root, scratch }: ChrootOptions): Promise<Image> {
  const stage = stages.at(-1)
  if (stage === undefined) throw new Error('The Dockerfile has no stage')
  const inFolder = async (folder: string, command: string) => {
    await borrow(folder)
    const [program = '', ...args] = entering(folder, {}, { uid: 0, gid: 0 }, ['sh', '-c', command])
    await run(program, args, { env: { PATH } })
  }
  const { folder, packages } = await assemble({ stages, root, scratch, inFolder })
  await borrow(folder)
  const user = userOf(stage)
  const own = await ownFolders(stage, scratch)
  const { node } = process.versions
  return {
    how: {
      en: `the image's files and command without an engine, over this machine's system and Node.js ${node}; ${packages.en}`,
      zh: `不用容器引擎：镜像的文件和启动命令运行在本机系统和 Node.js ${node} 之上；${packages.zh}`,
    },
    start({ name, env, command = commandOf(stage) }) {
      const binds = { ...own(name), [PROBES_IN_IMAGE]: join(root, 'test/conformance') }
      const launch = (argv: readonly string[]): ChildProcess => {
        const at = ['sh', '-c', 'cd "$0" && exec "$@"', last(stage, 'WORKDIR').text, ...argv]
        const [program = '', ...args] = entering(folder, binds, user, at)
        return spawn(program, args, { env: { PATH, ...environmentOf(stage), ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
      }
      const child = launch(command)
      return {
        process: child,
        run: async (argv) =>
          Number(
            (
              await once(
                launch(argv).on('error', () => undefined),
                'exit',
              )
            )[0] ?? 1,
          ),
        signal: (signal) => void child.kill(signal), // every program on the way there has become the next
      }
    },
  }
}

/** The volumes: the data folder is a container's own, all others are shared. They belong to the image's user. */
async function ownFolders(stage: Stage, scratch: string) {
  const { uid, gid } = userOf(stage)
  const data = environmentOf(stage).HELIX_DATA_DIR
  const volumes = execForm(last(stage, 'VOLUME').text)
  const made = new Set<string>()
  const make = async (path: string) => {
    await mkdir(path, { recursive: true })
    await chown(path, uid, gid)
    made.add(path)
    return path
  }
  const shared = join(scratch, 'volumes')
  for (const volume of volumes) await make(join(shared, volume))
  const names = ['command', 'runner-1', 'runner-2']
  for (const name of names) await make(join(scratch, `volume-${name}`))
  return (name: string): Record<string, string> =>
    Object.fromEntries(
      volumes.map((volume) => [volume, volume === data ? join(scratch, `volume-${name}`) : join(shared, volume)]),
    )
}

/** Makes the places for what is borrowed from this machine. */
async function borrow(folder: string): Promise<void> {
  for (const name of [...BORROWED, NODE, 'tmp', PROBES_IN_IMAGE]) {
    const [mine, theirs] = [join('/', name), join(folder, name)]
    const link = await readlink(mine).catch(() => null)
    if ((await lstat(theirs).catch(() => null)) !== null) continue
    if (link !== null) await symlink(link, theirs)
    else await mkdir(theirs, { recursive: true })
  }
  await chmod(join(folder, 'tmp'), 0o1777)
}

/** A command that becomes `argv`, run by a user with a folder as its `/`, in mounts that end with it. */
function entering(
  folder: string,
  binds: Readonly<Record<string, string>>,
  { uid, gid }: { uid: number; gid: number },
  argv: readonly string[],
): string[] {
  const borrowed = BORROWED.map(
    (name) => `[ -L /${name} ] || [ ! -e /${name} ] || mount --rbind /${name} "$root/${name}"`,
  )
  const script = [
    'set -e',
    'root=$1 user=$2 count=$3; shift 3',
    ...borrowed,
    'while [ "$count" -gt 0 ]; do mount --bind "$2" "$root$1"; shift 2; count=$((count - 1)); done',
    'exec chroot --userspec="$user" --groups= "$root" "$@"',
  ].join('\n')
  const pairs = Object.entries({ [NODE]: dirname(process.execPath), ...binds })
  return [
    ...['unshare', '--mount', 'sh', '-c', script, 'sh', folder, `${uid}:${gid}`],
    ...[String(pairs.length), ...pairs.flat(), ...argv],
  ]
}
