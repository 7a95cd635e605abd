import type { Outcome, Settings } from './play.ts'

export interface Failing extends Settings {
  readonly faults: readonly number[]
  readonly runners: number
  readonly tasks: number
  readonly requests: number
}

/**
 * The shortest list of faults (delta debugging, Zeller and Hildebrandt, 2002) and the smallest world that still break
 * the same invariant.
 */
export async function shrink(
  invariant: string,
  failing: Failing,
  play: (settings: Settings) => Promise<Outcome>,
): Promise<Failing> {
  const fails = async (tried: Failing) => (await play(tried)).violation?.invariant === invariant
  if (!(await fails(failing))) return failing
  let small = await fewerFaults(failing, fails)
  for (const size of ['requests', 'tasks', 'runners'] as const) small = await fewer(small, size, fails)
  return await fewerFaults(small, fails)
}

async function fewer(
  failing: Failing,
  size: 'requests' | 'tasks' | 'runners',
  fails: (tried: Failing) => Promise<boolean>,
): Promise<Failing> {
  for (let less = 1; less < failing[size]; less += 1) {
    const tried = { ...failing, [size]: less }
    if (await fails(tried)) return tried
  }
  return failing
}

async function fewerFaults(failing: Failing, fails: (tried: Failing) => Promise<boolean>): Promise<Failing> {
  let { faults } = failing
  let parts = 2
  while (faults.length > 0) {
    const length = Math.ceil(faults.length / parts)
    let found: readonly number[] | null = null
    for (let begin = 0; begin < faults.length && found === null; begin += length) {
      const without = [...faults.slice(0, begin), ...faults.slice(begin + length)]
      if (await fails({ ...failing, faults: without })) found = without
    }
    if (found !== null) {
      faults = found
      parts = Math.max(2, parts - 1)
    } else if (length === 1) break
    else parts = Math.min(faults.length, parts * 2)
  }
  return { ...failing, faults }
}
