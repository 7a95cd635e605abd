/** Texts in, vectors out. The same text always gives the same vector. */
export interface Embedder {
  readonly model: string
  readonly dimension: number
  /** One unit-length vector per text, in order. @throws {Problem} `embedding_failed` */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<number[][]>
}
