/** Cuts what arrives in pieces into whole lines. */
export interface LineCutter {
  /** What is complete now, each line with its newline; often several lines, often none. */
  add(chunk: Buffer): Buffer
  /** What is left when nothing more will come: the last words, as a line. */
  end(): Buffer
}

const NOTHING = Buffer.alloc(0)
const NEWLINE = 0x0a
const LINE_BYTES_MAX = 1_000_000 // memory is finite: a longer line is broken here

export function lineCutter(): LineCutter {
  let rest: Buffer[] = []
  let restBytes = 0
  const take = (last: Buffer) => {
    const lines = Buffer.concat([...rest, last])
    rest = []
    restBytes = 0
    return lines
  }
  return {
    add(chunk) {
      const end = chunk.lastIndexOf(NEWLINE) + 1
      const lines = end === 0 ? NOTHING : take(chunk.subarray(0, end))
      if (end < chunk.length) {
        rest.push(chunk.subarray(end))
        restBytes += chunk.length - end
      }
      if (restBytes <= LINE_BYTES_MAX) return lines
      return Buffer.concat([lines, take(Buffer.from('\n'))])
    },
    end: () => (restBytes === 0 ? NOTHING : take(Buffer.from('\n'))),
  }
}
