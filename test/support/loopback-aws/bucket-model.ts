import { randomUUID } from 'node:crypto'
import type { Clock } from '../../../shared/platform/clock.ts'
import { ServiceError } from './exchange.ts'
import { md5 } from './queue-model.ts'

/** An object as it is kept. */
export interface StoredObject {
  readonly key: string
  readonly content: Buffer
  /** In quotes. */
  readonly etag: string
  readonly modifiedAt: Date
  /** `x-amz-meta-…`, as given with the upload. */
  readonly metadata: Readonly<Record<string, string>>
}

/** What a write may ask of what it replaces; empty when it was not sent. */
export interface WriteCondition {
  readonly ifMatch: string
  readonly ifNoneMatch: string
}

interface Upload {
  readonly key: string
  readonly metadata: Readonly<Record<string, string>>
  readonly startedAt: Date
  readonly parts: Map<number, { readonly content: Buffer; readonly etag: string }>
}

const KEY_BYTES_MAX = 1_024
const PART_BYTES_MIN = 5 * 1_048_576 // of all parts but the last
const PART_NUMBER_MAX = 10_000

/** One general purpose bucket, in memory. */
export class BucketModel {
  readonly name: string
  readonly #clock: Clock
  readonly #objects = new Map<string, StoredObject>()
  readonly #uploads = new Map<string, Upload>()

  constructor(name: string, clock: Clock) {
    this.name = name
    this.#clock = clock
  }

  find(key: string): StoredObject | null {
    return this.#objects.get(key) ?? null
  }

  /** In the order of the keys' bytes. */
  all(): StoredObject[] {
    return [...this.#objects.values()].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
  }

  /** Uploads in parts that were neither completed nor aborted. */
  openUploads(): number {
    return this.#uploads.size
  }

  put(
    key: string,
    content: Buffer,
    metadata: Readonly<Record<string, string>>,
    condition: WriteCondition,
  ): StoredObject {
    this.#check(key, condition)
    return this.#store({ key, content, etag: `"${md5(content)}"`, modifiedAt: this.#clock.now(), metadata })
  }

  delete(key: string): void {
    this.#objects.delete(key)
  }

  startUpload(key: string, metadata: Readonly<Record<string, string>>): string {
    this.#check(key, { ifMatch: '', ifNoneMatch: '' })
    const id = randomUUID()
    this.#uploads.set(id, { key, metadata, startedAt: this.#clock.now(), parts: new Map() })
    return id
  }

  /** @returns the part's etag */
  putPart(key: string, uploadId: string, number: number, content: Buffer): string {
    if (!(Number.isInteger(number) && number >= 1 && number <= PART_NUMBER_MAX)) {
      throw new ServiceError(400, 'InvalidArgument', `Part number must be an integer between 1 and ${PART_NUMBER_MAX}`)
    }
    const etag = `"${md5(content)}"`
    this.#upload(key, uploadId).parts.set(number, { content, etag })
    return etag
  }

  complete(
    key: string,
    uploadId: string,
    listed: readonly { number: number; etag: string }[],
    condition: WriteCondition,
  ): StoredObject {
    const upload = this.#upload(key, uploadId)
    if (listed.length === 0) throw new ServiceError(400, 'MalformedXML', 'No part is listed')
    const parts = listed.map(({ number, etag }, index) => {
      const part = upload.parts.get(number)
      if (part === undefined || part.etag !== etag) throw new ServiceError(400, 'InvalidPart', `Part ${number}`)
      if (number <= (listed[index - 1]?.number ?? 0)) throw new ServiceError(400, 'InvalidPartOrder', `Part ${number}`)
      if (index < listed.length - 1 && part.content.length < PART_BYTES_MIN) {
        throw new ServiceError(400, 'EntityTooSmall', `Part ${number} has ${part.content.length} bytes`)
      }
      return part.content
    })
    this.#check(key, condition)
    this.#uploads.delete(uploadId)
    const digests = parts.map((part) => Buffer.from(md5(part), 'hex'))
    const etag = `"${md5(Buffer.concat(digests))}-${parts.length}"`
    const { metadata, startedAt: modifiedAt } = upload // the time is that of the beginning, as on S3
    return this.#store({ key, content: Buffer.concat(parts), etag, modifiedAt, metadata })
  }

  abort(key: string, uploadId: string): void {
    this.#upload(key, uploadId)
    this.#uploads.delete(uploadId)
  }

  #store(object: StoredObject): StoredObject {
    this.#objects.set(object.key, object)
    return object
  }

  #upload(key: string, uploadId: string): Upload {
    const upload = this.#uploads.get(uploadId)
    if (upload?.key !== key) throw new ServiceError(404, 'NoSuchUpload', 'The upload does not exist')
    return upload
  }

  #check(key: string, { ifMatch, ifNoneMatch }: WriteCondition): void {
    if (Buffer.byteLength(key) > KEY_BYTES_MAX) throw new ServiceError(400, 'KeyTooLongError', 'Your key is too long')
    if (ifNoneMatch !== '' && ifNoneMatch !== '*')
      throw new ServiceError(501, 'NotImplemented', 'If-None-Match takes *')
    const old = this.find(key)
    const failed = new ServiceError(412, 'PreconditionFailed', 'At least one of the preconditions did not hold')
    if (ifNoneMatch === '*' && old !== null) throw failed
    if (ifMatch !== '' && old === null) throw new ServiceError(404, 'NoSuchKey', 'The specified key does not exist.')
    if (ifMatch !== '' && old?.etag !== ifMatch) throw failed
  }
}
