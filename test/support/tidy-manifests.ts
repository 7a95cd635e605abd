import { importsOf } from './tidy-imports.ts'
import type { TextFile } from './tidy-text.ts'

const CRONS_MAX = 5 // of one Cloudflare Worker
const ENTRIES = /^functions\/(worker|lambda)\.ts$/

/** Files that answer something and that no manifest mentions. */
export function unlistedFunctions(files: readonly TextFile[]): string[] {
  return unlisted(files, 'functions/manifest.ts', ({ path, text }) => {
    return /^functions\/.*\.ts$/.test(path) && !ENTRIES.test(path) && hasDefaultExport(text)
  })
}

/** Scheduled files that no manifest mentions. */
export function unlistedSchedules(files: readonly TextFile[]): string[] {
  return unlisted(files, 'scheduled/manifest.ts', ({ path, text }) => {
    return /^scheduled\/.*\.ts$/.test(path) && hasDefaultExport(text)
  })
}

/** Cron expressions that only one of wrangler.toml and the scheduled files knows. */
export function cronsApart(files: readonly TextFile[]): string[] {
  const settings = files.find(({ path }) => path === 'wrangler.toml')
  if (settings === undefined) return ['wrangler.toml: is missing']
  const scheduled = cronsOf(files)
  const list = /^crons\s*=\s*\[([^\]]*)\]/m.exec(settings.text)?.[1] ?? ''
  const fired = [...list.matchAll(/(['"])([^'"]+)\1/g)].map((match) => match[2] ?? '')
  return [
    ...scheduled.filter(({ cron }) => !fired.includes(cron)).map(({ path, cron }) => `${path}: "${cron}" never fires`),
    ...fired
      .filter((cron) => !scheduled.some((one) => one.cron === cron))
      .map((cron) => `wrangler.toml: nothing is scheduled at "${cron}"`),
  ]
}

/** More distinct expressions than the strictest platform fires. */
export function tooManyCrons(files: readonly TextFile[]): string[] {
  const distinct = new Set(cronsOf(files).map(({ cron }) => cron))
  return distinct.size <= CRONS_MAX ? [] : [`scheduled: ${distinct.size} cron expressions, at most ${CRONS_MAX}`]
}

/** Numbers of weekdays differ between platforms (0 or 1 for Sunday). */
export function weekdaysByNumber(files: readonly TextFile[]): string[] {
  return cronsOf(files)
    .filter(({ cron }) => !/^(\S+ ){4}(\*|[A-Za-z]{3}([-,][A-Za-z]{3})*)$/.test(cron))
    .map(({ path, cron }) => `${path}: "${cron}" needs five fields and weekdays by name`)
}

function cronsOf(files: readonly TextFile[]): { path: string; cron: string }[] {
  return files
    .filter(({ path }) => /^scheduled\/.*\.ts$/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/export const cron = (['"])([^'"]+)\1/g)].map((match) => ({ path, cron: match[2] ?? '' })),
    )
}

function unlisted(files: readonly TextFile[], manifest: string, wanted: (file: TextFile) => boolean): string[] {
  const list = files.find(({ path }) => path === manifest)
  if (list === undefined) return [`${manifest}: is missing`]
  const known = new Set(importsOf(list).map(({ to }) => to))
  return files.filter((file) => wanted(file) && !known.has(file.path)).map(({ path }) => `${path}: not in ${manifest}`)
}

function hasDefaultExport(text: string): boolean {
  return /^export default\b/m.test(text)
}
