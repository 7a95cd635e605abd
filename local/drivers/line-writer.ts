const waiting = new Set<() => void>()

// Nothing is lost where a process ends by itself, also by a failure.
process.on('exit', () => {
  for (const flush of waiting) flush()
})

/**
 * Gathers the lines of one turn of the event loop and writes them with one call: a call of the system for each line costs
 * more than making the line.
 * @param write takes text at once, as a pipe or a file does
 * @returns takes a line without its newline
 */
export function lineWriter(write: (text: string) => void): (line: string) => void {
  let text = ''
  const flush = () => {
    waiting.delete(flush)
    const gathered = text
    text = ''
    if (gathered !== '') write(gathered)
  }
  return (line) => {
    if (text === '') {
      waiting.add(flush)
      setImmediate(flush)
    }
    text += `${line}\n`
  }
}
