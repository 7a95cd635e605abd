import { describe, expect, test } from 'vitest'
import { replayedFaults } from '../../../local/faults/faults.ts'
import { InvocationCrashed, InvocationLife } from '../../../local/faults/invocation-life.ts'

const life = (crash: { await: number; after: boolean } | null) => new InvocationLife({ name: 'work', number: 1, crash })

describe('InvocationLife', () => {
  test.each([
    [false, ['first']],
    [true, ['first', 'second']],
  ])('ends at its await (after what is awaited: %s), and runs nothing of it any more', async (after, effects) => {
    const done: string[] = []
    const one = life({ await: 2, after })
    const work = async () => {
      try {
        for (const effect of ['first', 'second', 'third']) {
          await one.around('store.query', async () => void done.push(effect))
        }
      } finally {
        done.push('finally')
      }
    }
    await expect(one.run(work)).rejects.toThrow(InvocationCrashed)
    expect(done).toEqual(effects)
    expect(one.dead).toBe(true)
  })

  test('counts its awaits and passes answers and errors on while it lives', async () => {
    const one = life({ await: 9, after: false })
    expect(await one.around('store.query', async () => 7)).toBe(7)
    await expect(one.around('store.query', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    expect(one.awaits).toBe(2)
    expect(await one.run(async () => 'answer')).toBe('answer')
  })

  test('begins nothing once it was killed, also not what was under way', async () => {
    const one = life(null)
    let open: () => void = () => undefined
    const under = new Promise<void>((done) => {
      open = done
    })
    const ended = one.run(async () => {
      await one.around('store.query', () => under)
      throw new Error('it went on')
    })
    one.die()
    open()
    await expect(ended).rejects.toThrow('work has crashed')
    await expect(one.run(async () => 1)).rejects.toThrow(InvocationCrashed)
  })

  test('dies with what it called in its own process', async () => {
    const one = life(null)
    const call = one.around('dispatch', () => Promise.reject(new InvocationCrashed('next has crashed')))
    await expect(one.run(() => call)).rejects.toThrow('work has crashed')
  })
})

test('a crash is told with the await at which it struck', async () => {
  const told: unknown[] = []
  const plan = { point: 'invocation', number: 2, fault: 'crash-after', value: 1 } as const
  const faults = replayedFaults([plan], { onStruck: (struck, at) => told.push([struck, at]) })
  const [first, second] = [faults.invocation('calm'), faults.invocation('doomed')]
  await first.around('files.put', async () => 1)
  await expect(second.run(() => second.around('files.put', async () => 1))).rejects.toThrow('doomed has crashed')
  expect(told).toEqual([[plan, 'files.put']])
})
