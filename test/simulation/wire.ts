/** What the server answers to one batch of messages, as far as anybody here reads it. */
export interface WireAnswer {
  readonly rows: (string | null)[][]
  readonly fields: { readonly name: string; readonly type: number }[]
  command: string
  error: {
    readonly message: string
    readonly code: string
    readonly constraint: string
    readonly detail: string
  } | null
}

/** Reads a whole answer of Postgres' protocol, version 3. @param notice is told the text of each notice */
export function readWire(bytes: Uint8Array, notice: (text: string) => void): WireAnswer {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const answer: WireAnswer = { rows: [], fields: [], command: '', error: null }
  for (let at = 0; at < buffer.length; at += 1 + buffer.readInt32BE(at + 1)) {
    const body = at + 5
    switch (buffer[at]) {
      case 0x44: // D: a row
        answer.rows.push(rowAt(buffer, body))
        break
      case 0x43: // C: a command has ended
        answer.command = textAt(buffer, body)
        break
      case 0x54: // T: the columns
        answer.fields.push(...fieldsAt(buffer, body))
        break
      case 0x4e: // N: a notice
        notice(partsAt(buffer, body).get('M') ?? '')
        break
      case 0x45: // E: an error
        answer.error ??= errorAt(buffer, body)
        break
    }
  }
  return answer
}

function textAt(buffer: Buffer, at: number): string {
  return buffer.toString('utf8', at, buffer.indexOf(0, at))
}

function rowAt(buffer: Buffer, body: number): (string | null)[] {
  const row: (string | null)[] = []
  let at = body + 2
  for (let left = buffer.readInt16BE(body); left > 0; left -= 1) {
    const length = buffer.readInt32BE(at)
    at += 4
    row.push(length === -1 ? null : buffer.toString('utf8', at, at + length))
    at += Math.max(0, length)
  }
  return row
}

function fieldsAt(buffer: Buffer, body: number): WireAnswer['fields'] {
  const fields: WireAnswer['fields'] = []
  let at = body + 2
  for (let left = buffer.readInt16BE(body); left > 0; left -= 1) {
    const end = buffer.indexOf(0, at)
    fields.push({ name: buffer.toString('utf8', at, end), type: buffer.readInt32BE(end + 7) })
    at = end + 19
  }
  return fields
}

/** Parts of a notice or an error, by their letters. */
function partsAt(buffer: Buffer, body: number): Map<string, string> {
  const parts = new Map<string, string>()
  for (let at = body; buffer[at] !== 0; ) {
    const end = buffer.indexOf(0, at + 1)
    parts.set(String.fromCharCode(buffer[at] ?? 0), buffer.toString('utf8', at + 1, end))
    at = end + 1
  }
  return parts
}

function errorAt(buffer: Buffer, body: number): NonNullable<WireAnswer['error']> {
  const parts = partsAt(buffer, body)
  const part = (letter: string) => parts.get(letter) ?? ''
  return { message: part('M'), code: part('C'), constraint: part('n'), detail: part('D') }
}
