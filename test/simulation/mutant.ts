import { readFile, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundle } from '../support/bundle.ts'
import type { Mutation } from './mutations/mutation.ts'
import { playSeed } from './play.ts'
import { openTheatre, type Theatre } from './stage.ts'
import type { SyncPostgres } from './sync-postgres.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const STAGE = fileURLToPath(new URL('./stage.ts', import.meta.url))

export interface Verdict {
  readonly name: string
  /** How many seeds it took; null when none of them found it. */
  readonly seeds: number | null
  readonly invariant: string | null
}

/**
 * Plays seeds against a mutant, from the first on, until one finds it.
 * @param postgres used by several mutants, one after the other
 * @throws {Error} unless the place to change is there exactly once
 */
export async function hunt(mutation: Mutation, postgres: SyncPostgres, seedsMax: number): Promise<Verdict> {
  const mutant = await openMutant(mutation, postgres)
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { violation } = await playSeed(mutant, seed)
    if (violation !== null) return { name: mutation.name, seeds: seed, invariant: violation.invariant }
  }
  return { name: mutation.name, seeds: null, invariant: null }
}

/** A simulator of a Helix of which one file is changed. */
async function openMutant(mutation: Mutation, postgres: SyncPostgres): Promise<Theatre> {
  mutated(await readFile(join(ROOT, mutation.file), 'utf8'), mutation)
  const change = (text: string, path: string) =>
    relative(ROOT, path) === mutation.file ? mutated(text, mutation) : text
  if (mutation.file.endsWith('.sql')) return await openTheatre(postgres, change)
  const file = await bundle(STAGE, `mutant-${mutation.name}-${process.pid}`, change)
  try {
    const stage = (await import(pathToFileURL(file).href)) as typeof import('./stage.ts')
    return await stage.openTheatre(postgres)
  } finally {
    await rm(file, { force: true })
  }
}

function mutated(text: string, { name, file, find, replace }: Mutation): string {
  const times = text.split(find).length - 1
  if (times !== 1) throw new Error(`The mutation "${name}" finds its place in ${file} ${times} times, not once`)
  return text.replace(find, () => replace)
}
