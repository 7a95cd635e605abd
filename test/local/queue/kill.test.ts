import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openEmbeddedStore } from '../../../local/drivers/embedded-store.ts'
import { systemClock } from '../../../local/drivers/system-clock.ts'
import { templateCacheDir } from '../../../local/drivers/template-cache.ts'
import { openBroker } from '../../../local/queue/broker.ts'
import { storeStorage } from '../../../local/queue/store-storage.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const HOLDER = fileURLToPath(new URL('./hold-messages.ts', import.meta.url))
const SLOW = 120_000 // the first run on a machine makes the embedded databases

test(
  'messages kept in the embedded store survive a kill, each in the state that it had',
  async () => {
    await using folder = await temporaryFolder()
    const [dir, cacheDir] = [join(folder.path, 'store'), await templateCacheDir('.helix')]
    const holder = fork(HOLDER, [dir, cacheDir], { execArgv: ['--import', import.meta.resolve('tsx')] })
    await once(holder, 'message')
    holder.kill('SIGKILL')
    await once(holder, 'exit')

    const { store } = await openEmbeddedStore(dir, cacheDir)
    const storage = storeStorage(() => store)
    const broker = openBroker({ clock: systemClock('UTC'), random: () => 0, log: () => undefined, storage })
    const found = (await broker.peek()).map(({ body, state, deliveries }) => [body.claim, state, deliveries])
    await store.close()
    expect(found.toSorted()).toEqual([
      [1, 'in_flight', 1],
      [2, 'ready', 0],
      [3, 'later', 0],
    ])
  },
  SLOW,
)
