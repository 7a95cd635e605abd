import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Clock, localTime } from '../../shared/platform/clock.ts'
import { pointTo } from './latest-link.ts'

/** Log files that are begun anew every day, and whenever one is full. */
export interface LogFiles {
  /** The file that is written now. */
  path(): string
  /** Appends whole lines, each with its newline. A line is never split between files, and its order is kept. */
  write(lines: Buffer): void
  close(): void
}

export interface LogFilesOptions {
  readonly dir: string
  readonly clock: Clock
  /** A file is full when the next line would make it larger. */
  readonly fileBytesMax: number
  /** Files of earlier days than this many are removed, */
  readonly keepDays: number
  /** and the oldest ones while all of them are larger than this; never the one that is written. */
  readonly totalBytesMax: number
}

/** One of the files: `helix-2026-11-21.log`, `helix-2026-11-21.2.log`, … */
export interface LogFile {
  readonly name: string
  readonly day: string
  readonly number: number
  readonly bytes: number
}

const NAME = /^helix-(\d{4}-\d\d-\d\d)(?:\.([1-9]\d*))?\.log$/
const LATEST = 'helix.log' // a link to the file that is written, for `tail -F`
const NEWLINE = 0x0a
const MS_PER_DAY = 24 * 60 * 60 * 1000

/** Goes on with the last file of today, or begins one. The folder is made. */
export function openLogFiles(options: LogFilesOptions): LogFiles {
  const { dir, clock, fileBytesMax } = options
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  let lost = 0
  let current = begin(options, lastOf(dir, today(clock)) ?? { day: today(clock), number: 1 })

  /** Opens the file into which the next line of so many bytes goes. */
  const turnFor = (bytes: number) => {
    const day = today(clock)
    // A clock that is set back goes on with the file that there is: names stay in the order of the lines.
    if (day > current.day) turn({ day, number: 1 })
    else if (current.bytes > 0 && current.bytes + bytes > fileBytesMax) {
      turn({ day: current.day, number: current.number + 1 })
    }
  }
  const turn = (next: { day: string; number: number }) => {
    const former = current
    current = begin(options, next)
    closeSync(former.fd)
  }

  return {
    path: () => join(dir, nameOf(current)),
    write(lines) {
      for (let at = 0; at < lines.length; ) {
        const lineEnd = endOfLine(lines, at)
        let before = current.bytes
        try {
          turnFor(lineEnd - at)
          before = current.bytes
          const end = lastFitting(lines, at, lineEnd, fileBytesMax - current.bytes)
          if (lost > 0) lost = tellLost(current, lost, clock)
          before = current.bytes
          appendAll(current, lines.subarray(at, end))
          at = end
        } catch {
          lost += 1 // the disk is full, or gone: the process that is watched matters more than its log
          at = endOfLine(lines, at + current.bytes - before)
        }
      }
    },
    close: () => closeSync(current.fd),
  }
}

/** The files of a folder, oldest first. */
export function logFilesIn(dir: string): readonly LogFile[] {
  return namesIn(dir)
    .flatMap((name) => {
      const [, day, number] = NAME.exec(name) ?? []
      const found = day === undefined ? undefined : statSync(join(dir, name), { throwIfNoEntry: false })
      if (day === undefined || found?.isFile() !== true) return []
      return [{ name, day, number: number === undefined ? 1 : Number(number), bytes: found.size }]
    })
    .toSorted((one, other) => (one.day === other.day ? one.number - other.number : one.day < other.day ? -1 : 1))
}

interface OpenFile {
  readonly fd: number
  readonly day: string
  readonly number: number
  bytes: number
}

function begin(options: LogFilesOptions, { day, number }: { day: string; number: number }): OpenFile {
  const name = nameOf({ day, number })
  const fd = openSync(join(options.dir, name), 'a+', 0o600)
  const file = { fd, day, number, bytes: fstatSync(fd).size }
  // Whoever wrote it before was killed in the middle of a line.
  if (file.bytes > 0 && lastByte(fd, file.bytes) !== NEWLINE) appendAll(file, Buffer.from('\n'))
  pointTo(join(options.dir, LATEST), name)
  removeOld(options, name)
  return file
}

function removeOld({ dir, clock, keepDays, totalBytesMax }: LogFilesOptions, current: string): void {
  const firstDay = dayOf(new Date(clock.now().getTime() - keepDays * MS_PER_DAY), clock.timeZone)
  let left = 0
  for (const { name, day, bytes } of logFilesIn(dir).toReversed()) {
    left += bytes
    if (name !== current && (day < firstDay || left > totalBytesMax)) unlinkSync(join(dir, name))
  }
}

function lastOf(dir: string, day: string): LogFile | undefined {
  return logFilesIn(dir).findLast((file) => file.day >= day)
}

/** As many lines as still fit, one at least. */
function lastFitting(lines: Buffer, at: number, lineEnd: number, room: number): number {
  let end = lineEnd
  while (end < lines.length) {
    const next = endOfLine(lines, end)
    if (next - at > room) break
    end = next
  }
  return end
}

function endOfLine(lines: Buffer, from: number): number {
  const at = lines.indexOf(NEWLINE, from)
  return at === -1 ? lines.length : at + 1
}

function appendAll(file: OpenFile, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    const written = writeSync(file.fd, bytes, at)
    file.bytes += written
    at += written
  }
}

/** @returns how many are still to be told of: none */
function tellLost(file: OpenFile, lost: number, clock: Clock): number {
  const line = { time: clock.now().toISOString(), level: 'error', event: 'log.lost', lines: lost }
  appendAll(file, Buffer.from(`\n${JSON.stringify(line)}\n`))
  return 0
}

function nameOf({ day, number }: { day: string; number: number }): string {
  return number === 1 ? `helix-${day}.log` : `helix-${day}.${number}.log`
}

function today(clock: Clock): string {
  return dayOf(clock.now(), clock.timeZone)
}

function dayOf(at: Date, timeZone: string): string {
  return localTime(at, timeZone).slice(0, 'yyyy-mm-dd'.length)
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}

function lastByte(fd: number, size: number): number | undefined {
  const byte = Buffer.alloc(1)
  readSync(fd, byte, 0, 1, size - 1)
  return byte[0]
}
