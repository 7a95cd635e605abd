import { randomUUID, timingSafeEqual } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Platform } from '../../shared/platform/platform.ts'
import { asProblem } from '../../shared/platform/problems.ts'
import { takeBackup } from './take-backup.ts'

/** Where a runner takes a backup of the data that it alone may open. */
export const BACKUP_PATH = '/__local/backup'
export const TICKET_HEADER = 'x-helix-ticket'

const Ticket = z.object({ ticket: z.uuid(), to: z.string().min(1) })
const ALIVE_MS = 10_000 // well below the five minutes that a client waits in silence

/** Who may write into the data directory may have its data: no key says so, whatever keys the API wants. */
export async function writeTicket(dataDir: string, to: string): Promise<{ ticket: string; remove(): Promise<void> }> {
  const path = ticketFile(dataDir)
  const ticket = randomUUID()
  await writeFile(path, JSON.stringify({ ticket, to }), { mode: 0o600, flag: 'w' })
  return { ticket, remove: () => rm(path, { force: true }) }
}

/** Answers a request that carries the ticket with the backup's manifest, as JSON with blanks before it while it lasts. */
export async function answerBackup(request: Request, dataDir: string, platform: Platform): Promise<Response> {
  const to = await allowedBy(dataDir, request.headers.get(TICKET_HEADER) ?? '')
  if (request.method !== 'POST' || to === null) return new Response(null, { status: 404 })
  const done = takeBackup(platform, to).then(
    (manifest) => JSON.stringify({ manifest }),
    (error) => {
      const { code, message, hint } = asProblem(error)
      return JSON.stringify({ problem: { code, message, hint: hint ?? null } })
    },
  )
  return new Response(whileAlive(done, platform), { headers: { 'content-type': 'application/json' } })
}

function ticketFile(dataDir: string): string {
  return join(dataDir, 'backup-request.json')
}

async function allowedBy(dataDir: string, shown: string): Promise<string | null> {
  const text = await readFile(ticketFile(dataDir), 'utf8').catch(() => '{}')
  const parsed = Ticket.safeParse(JSON.parse(text))
  if (!parsed.success || shown.length !== parsed.data.ticket.length) return null
  return timingSafeEqual(Buffer.from(shown), Buffer.from(parsed.data.ticket)) ? parsed.data.to : null
}

function whileAlive(done: Promise<string>, { clock }: Platform): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const waited = new AbortController()
      const text = await Promise.race([done, clock.sleep(ALIVE_MS, waited.signal).then(() => null)])
      waited.abort()
      controller.enqueue(encoder.encode(text ?? ' '))
      if (text !== null) controller.close()
    },
  })
}
