import { existsSync, readFileSync } from 'node:fs'

/** What the runners told, over all their processes. */
export interface Journal {
  /** Claims under which an item's work began, by `execution item`. */
  readonly worked: ReadonlyMap<string, readonly number[]>
  /** Attempts that ended because their claim was superseded: `execution claim`. */
  readonly fenced: readonly { readonly executionId: string; readonly claim: number }[]
  /** Messages that came for a claim that was taken or over. */
  readonly staleMessages: number
  readonly rescued: number
}

/** Reads the log files of the runners. Lines that a kill cut off are left out. */
export function readJournal(files: readonly string[]): Journal {
  const worked = new Map<string, number[]>()
  const fenced: { executionId: string; claim: number }[] = []
  let staleMessages = 0
  let rescued = 0
  for (const line of files.flatMap(linesOf)) {
    const event = parsed(line)
    const executionId = String(event?.execution_id)
    const claim = Number(event?.claim)
    if (event?.event === 'chaos.item') {
      const key = `${executionId} ${String(event.item)}`
      worked.set(key, [...(worked.get(key) ?? []), claim])
    }
    if (event?.event === 'execution.fenced') fenced.push({ executionId, claim })
    if (event?.event === 'message.fenced') staleMessages += 1
    if (event?.event === 'execution.rescued') rescued += 1
  }
  return { worked, fenced, staleMessages, rescued }
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
}

function parsed(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return null
  }
}
