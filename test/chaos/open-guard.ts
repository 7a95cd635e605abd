import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { GuardMessage } from './guard.ts'

/** The process that takes away what is left, however this one ends. */
export function openGuard(): { tell(message: GuardMessage): void; release(): Promise<void> } {
  const child = fork(fileURLToPath(new URL('guard.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true, // Ctrl-C reaches the whole group
  })
  const ended = once(child, 'exit')
  return {
    tell: (message) => void (child.connected && child.send(message)),
    release: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
