import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

/** What the guard is told about its run. */
export type GuardMessage =
  | { readonly kind: 'began' | 'ended'; readonly pid: number }
  | {
      readonly kind: 'cluster'
      readonly binaries: string
      readonly user: { readonly uid?: number; readonly gid?: number }
      readonly data: string
    }
  | { readonly kind: 'directory'; readonly path: string; readonly keep: boolean }

// A process that outlives its run, however that ends, and then takes away what it left: runners, frozen ones too, the
// server, the directory. It ends only what it was told of.

const pids = new Set<number>()
let cluster: Extract<GuardMessage, { kind: 'cluster' }> | null = null
let directory: Extract<GuardMessage, { kind: 'directory' }> | null = null

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

process.on('message', (message: GuardMessage) => {
  if (message.kind === 'began') pids.add(message.pid)
  if (message.kind === 'ended') pids.delete(message.pid)
  if (message.kind === 'cluster') cluster = message
  if (message.kind === 'directory') directory = message
})

process.on('disconnect', () => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  if (cluster !== null) {
    const { binaries, user, data } = cluster
    spawnSync(join(binaries, 'pg_ctl'), ['-D', data, '-w', '-m', 'immediate', 'stop'], { ...user, cwd: '/' })
  }
  // A runner's last write may still be under way for a moment.
  if (directory?.keep === false) rmSync(directory.path, { recursive: true, force: true, maxRetries: 5 })
  process.exit(0)
})
