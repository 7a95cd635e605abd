import { posix } from 'node:path'
import { only, type TextFile } from './tidy-text.ts'

export interface Import {
  readonly from: string
  /** A path of this repository, or the name of a package. */
  readonly to: string
  readonly own: boolean
  readonly typesOnly: boolean
}

const FROM = /(?<![\w$.])(?:import|export)\s+(type\s+)?(?:[\w$*{}\s,]*?\sfrom\s*|)(['"])([^'"\n]+)\2/g
const DYNAMIC = /(?<![\w$.])import\(\s*(['"])([^'"\n]+)\1/g

/** What a file imports or re-exports, also dynamically. */
export function importsOf({ path, text }: TextFile): Import[] {
  const code = only(['code', 'string'], text)
  const targets = [
    ...[...code.matchAll(FROM)].map((match) => ({ to: match[3] ?? '', typesOnly: match[1] !== undefined })),
    ...[...code.matchAll(DYNAMIC)].map((match) => ({ to: match[2] ?? '', typesOnly: false })),
  ]
  return targets.map(({ to, typesOnly }) => ({
    from: path,
    to: to.startsWith('.') ? posix.join(posix.dirname(path), to) : to,
    own: to.startsWith('.'),
    typesOnly,
  }))
}

/** The arrows of the house plan: whoever is not named may be imported by nobody. Tests may import anything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  functions: ['shared'],
  scheduled: ['shared'],
  local: ['functions', 'scheduled', 'shared'],
  infra: ['functions', 'scheduled', 'shared'],
  web: [],
  shared: [],
  'shared/platform': [],
  'shared/sandbox': ['shared/platform'],
  'shared/engine': ['shared/platform'],
  'shared/dataset': ['shared/platform'],
  // A node that queries a source passes the gates of the data set.
  'shared/workflow': ['shared/dataset', 'shared/sandbox', 'shared/platform'],
  'shared/ops': ['shared/engine', 'shared/dataset', 'shared/workflow', 'shared/sandbox', 'shared/platform'],
}
/** An entry opens what its platform calls, so a Worker's entry knows the scheduled functions. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  'functions/worker.ts': ['shared', 'scheduled'],
  'functions/lambda.ts': ['shared', 'scheduled'],
}
const ENGINE_AND_DATASET = ['shared/engine', 'shared/dataset']

/** Imports against the one-way arrows, as `file: a → b`. */
export function brokenArrows(files: readonly TextFile[]): string[] {
  return sourcesOf(files).flatMap((file) => {
    const zone = zoneOf(file.path)
    if (zone === null || zone === 'test') return []
    const allowed = ENTRIES[file.path] ?? MAY_IMPORT[zone] ?? []
    return importsOf(file)
      .filter(({ own, to }) => own && !to.startsWith('node_modules/'))
      .filter(({ to, typesOnly }) => !mayImport(zone, allowed, to) && !(zone === 'web' && typesOnly))
      .map(({ to }) => `${file.path}: ${zone} → ${zoneOf(to) ?? to} (${to})`)
  })
}

/** Files outside `functions` that know both the engine and the data set. */
export function hiddenIntroductions(files: readonly TextFile[]): string[] {
  return sourcesOf(files)
    .filter(({ path }) => !/^(functions|shared\/ops|test)\//.test(path))
    .filter((file) => {
      const zones = importsOf(file)
        .filter(({ typesOnly }) => !typesOnly)
        .map(({ to }) => zoneOf(to))
      return ENGINE_AND_DATASET.every((zone) => zones.includes(zone))
    })
    .map(({ path }) => `${path}: imports both shared/engine and shared/dataset; functions/ introduces them`)
}

/** Each cycle once, as `a → b → a`. */
export function importCycles(files: readonly TextFile[]): string[] {
  const sources = sourcesOf(files)
  const edges = new Map(sources.map((file) => [file.path, importsOf(file).map(({ to }) => to)]))
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const begin = trail.indexOf(path)
    if (begin !== -1) cycles.push([...trail.slice(begin), path].join(' → '))
    if (begin !== -1 || done.has(path)) return
    for (const to of edges.get(path) ?? []) if (edges.has(to)) visit(to, [...trail, path])
    done.add(path)
  }
  for (const { path } of sources) visit(path, [])
  return cycles
}

const LOCAL_ONLY =
  /^(@electric-sql\/|@energetic-ai\/|@hono\/node-server|tsx|node-pg-migrate|node-cron|commander|node:(fs|child_process|worker_threads|http|net|os|cluster|readline)\b)/

/** Imports of what only one machine has, in the parts that run on any cloud. */
export function unportableImports(files: readonly TextFile[]): string[] {
  return sourcesOf(files)
    .filter(({ path }) => /^(functions|scheduled|shared)\//.test(path) && path !== ONLY_ON_NODE)
    .flatMap((file) => importsOf(file).filter(({ to }) => LOCAL_ONLY.test(to)))
    .map(({ from, to }) => `${from}: ${to} runs on one machine only`)
}

// package.json has another file for Workers (`imports`), whose bundle is tested not to have this one.
const ONLY_ON_NODE = 'shared/sandbox/quickjs-node.ts'

function sourcesOf(files: readonly TextFile[]): TextFile[] {
  return files.filter(({ path }) => /\.tsx?$/.test(path))
}

function mayImport(zone: string, allowed: readonly string[], to: string): boolean {
  const target = zoneOf(to)
  if (target === null) return false
  return target === zone || allowed.some((name) => target === name || target.startsWith(`${name}/`))
}

/** The part of the house that a path is in; inside `shared` that is the subject. */
function zoneOf(path: string): string | null {
  return /^(shared\/[\w-]+|[\w-]+)(?=\/)/.exec(path)?.[0] ?? null
}
