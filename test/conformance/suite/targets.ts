import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Target, TargetName } from '../target.ts'

/** Finds a target, loading nothing of the others. @returns why it can't run, in a sentence, where it can't */
export async function loadTarget(name: TargetName): Promise<Target | string> {
  const file = new URL(`../targets/${name}.ts`, import.meta.url)
  if (!existsSync(fileURLToPath(file))) return `There is no targets/${name}.ts`
  const { target } = (await import(file.href)) as { target: Target }
  return (await target.unavailable()) ?? target
}
