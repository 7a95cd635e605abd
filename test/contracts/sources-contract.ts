import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sources } from '../../shared/platform/source.ts'

export interface OpenSources {
  readonly sources: Sources
  /** A name that can be opened. */
  readonly name: string
  close(): Promise<void>
}

/** What opening business databases promises. What an opened one promises is tested with the driver of `Source`. */
export function sourcesContract(name: string, open: () => Promise<OpenSources>): void {
  describe(`sources contract: ${name}`, () => {
    let opened: OpenSources
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    test('lists what can be opened, without a password', () => {
      const list = opened.sources.list()
      expect(list.map((summary) => summary.name)).toContain(opened.name)
      for (const summary of list) {
        expect(summary.address).toMatch(/^[^:@]+(:\d+)?\/.+$/)
        expect(['server', 'sample']).toContain(summary.kind)
      }
    })

    test('opens one that reads, and nothing that writes', async () => {
      await using source = await opened.sources.open({ name: opened.name })
      const limits = { rowsMax: 10, bytesMax: 1_000, timeoutMs: 5_000 }
      expect((await source.read('select 1 as one', limits)).rows).toEqual([{ one: 1 }])
      expect(source.name).toBe(opened.name)
      expect(source.database.length).toBeGreaterThan(0)
      const write = source.readOnly((tx) => tx.query('create table helix_must_not_write (id int)'))
      await expect(write).rejects.toMatchObject({ code: '25006' })
    })

    test('opens the same one several times at once, and again after it was closed', async () => {
      const both = await Promise.all([1, 2].map(() => opened.sources.open({ name: opened.name })))
      await both[0]?.[Symbol.asyncDispose]()
      const answer = await both[1]?.readOnly((tx) => tx.query('select 2 as two'))
      expect(answer?.rows).toEqual([{ two: 2 }])
      await both[1]?.[Symbol.asyncDispose]()
      await using again = await opened.sources.open({ name: opened.name })
      expect((await again.readOnly((tx) => tx.query('select 3 as three'))).rows).toEqual([{ three: 3 }])
    })

    test('refuses a name that is not configured, and says which ones are', async () => {
      const opening = opened.sources.open({ name: 'no_such_source' })
      await expect(opening).rejects.toMatchObject({
        code: 'source_not_found',
        hint: expect.stringContaining(opened.name),
      })
    })

    test('says that an inline source does not answer, without its password', async () => {
      const url = 'postgres://app:s3cret@127.0.0.1:1/shop'
      const thrown: unknown = await opened.sources.open({ name: 'inline', url }).catch((error: unknown) => error)
      expect(thrown).toMatchObject({ code: 'source_unreachable' })
      expect(`${thrown}`).not.toContain('s3cret')
    })
  })
}
