import type { IncomingHttpHeaders } from 'node:http'

/** A request as it came over the wire. */
export interface Received {
  readonly method: string
  /** As sent: percent-encoded, nothing normalised. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly rawQuery: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What a service answers. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** A refusal that a service's reference knows, by its status and code. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** A header's value; empty when it was not sent. */
export function header(received: Received, name: string): string {
  const value = received.headers[name]
  return Array.isArray(value) ? value.join(',') : (value ?? '')
}
