import type pg from 'pg'

// Rows are counted when they have arrived; one row alone may be a gigabyte, and would be in memory by then.
const WIRE_BYTES_MAX = 64_000_000

interface Wire {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  off(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  destroy(error: Error): unknown
}

/**
 * Cuts the connection when one piece of work is sent more than fits in memory: its query then fails with SQLSTATE
 * 54000, and the server notices that nobody listens. A connection that can't be listened to is left alone.
 */
export async function withinWireLimit<T>(
  client: pg.PoolClient,
  work: () => Promise<T>,
  bytesMax = WIRE_BYTES_MAX,
): Promise<T> {
  const wire = wireOf(client)
  if (wire === null) return await work()
  let bytes = 0
  const count = (chunk: Uint8Array) => {
    bytes += chunk.byteLength
    if (bytes <= bytesMax) return
    wire.off('data', count)
    const message = `the answer is larger than the ${bytesMax} bytes that are read of one statement`
    wire.destroy(Object.assign(new Error(message), { code: '54000' }))
  }
  wire.on('data', count)
  try {
    return await work()
  } finally {
    wire.off('data', count)
  }
}

function wireOf(client: pg.PoolClient): Wire | null {
  const { connection } = client as unknown as { connection?: { stream?: Partial<Wire> } }
  const stream = connection?.stream
  const listens = [stream?.on, stream?.off, stream?.destroy].every((method) => typeof method === 'function')
  return listens ? (stream as Wire) : null
}
