import { createServer } from 'node:net'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { PGLiteSocketHandler, type PGLiteSocketHandlerOptions } from '@electric-sql/pglite-socket'
import { TurnQueue } from './turn-queue.ts'

/** A process of its own that serves the embedded Postgres of a directory on loopback, until its parent lets go of it. */
const [directory = ''] = process.argv.slice(2)
const database = await PGlite.create({ dataDir: directory, extensions: { vector } })
const turns = new TurnQueue(database)
await turns.prepare()
// The class is asked for by name, its promise is these four methods.
const queryQueue = turns as unknown as PGLiteSocketHandlerOptions['queryQueue']

const server = createServer((socket) => {
  void new PGLiteSocketHandler({ queryQueue, closeOnDetach: true }).attach(socket)
})
server.listen(0, '127.0.0.1', () => process.send?.(server.address()))

process.on('SIGINT', () => undefined) // Ctrl-C reaches the whole group; the parent tidies up first
process.on('disconnect', async () => {
  server.close()
  await database.close().catch(() => undefined)
  process.exit(0)
})
