/** A letter in plain text. */
export interface Letter {
  /** Addresses, separated by commas. */
  readonly to: string
  readonly from: string
  readonly subject: string
  readonly text: string
  /** The same for the same letter sent twice: readers show it once. */
  readonly messageId: string
}

/** Sends letters; null where the platform has no way to. */
export interface Mail {
  /** Resolves when a server has taken the letter. @throws {Error} in the server's own words, without its password */
  send(letter: Letter): Promise<void>
}
