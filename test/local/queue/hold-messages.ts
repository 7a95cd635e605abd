import { openEmbeddedStore } from '../../../local/drivers/embedded-store.ts'
import { systemClock } from '../../../local/drivers/system-clock.ts'
import { openBroker } from '../../../local/queue/broker.ts'
import { storeStorage } from '../../../local/queue/store-storage.ts'

// A process that is killed while it holds a message: sends three, one of them delayed, takes one, and waits to be killed.
const [dir = '', cacheDir = ''] = process.argv.slice(2)
const { store } = await openEmbeddedStore(dir, cacheDir)
const storage = storeStorage(() => store)
const broker = openBroker({ clock: systemClock('UTC'), random: () => 0, log: () => undefined, storage })
for (const claim of [1, 2]) await broker.send({ function: 'f', body: { execution_id: 'e', claim } })
await broker.send({ function: 'f', body: { execution_id: 'e', claim: 3 } }, 600)
await broker.receive()
process.send?.('holding')
