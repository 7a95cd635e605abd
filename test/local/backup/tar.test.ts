import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readTar, TAR_END, tarHeader, tarPadding } from '../../../local/backup/tar.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const FILES: readonly (readonly [string, string])[] = [
  ['manifest.json', '{}'],
  ['files/空的', ''],
  [`files/${'很长的名字'.repeat(12)}.ddl`, 'create table a ();'],
  ['files/exactly one block', 'x'.repeat(512)],
  ['files/a=b', 'y'.repeat(70_000)],
]

function archive(): Buffer {
  const parts = FILES.flatMap(([name, text]) => {
    const bytes = Buffer.from(text)
    return [tarHeader(name, bytes.length), bytes, tarPadding(bytes.length)]
  })
  return Buffer.concat([...parts, TAR_END])
}

async function read(bytes: Buffer, chunk: number): Promise<[string, string][]> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, index) =>
    bytes.subarray(index * chunk, (index + 1) * chunk),
  )
  const found: [string, string][] = []
  for await (const entry of readTar(Readable.from(chunks))) {
    const parts: Uint8Array[] = []
    for await (const part of entry.body) parts.push(part)
    found.push([entry.name, Buffer.concat(parts).toString()])
  }
  return found
}

test.each([1, 7, 512, 1_000_000])(
  'an archive that comes %i bytes at a time is read as it was written',
  async (chunk) => {
    expect(await read(archive(), chunk)).toEqual(FILES)
  },
)

test('what is written is an archive to tar itself, and what tar writes is one here', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'own.tar'), archive())
  await mkdir(join(folder.path, 'out'))
  execFileSync('tar', ['xf', 'own.tar', '-C', 'out'], { cwd: folder.path })
  for (const [name, text] of FILES.slice(0, 2)) {
    expect(await readFile(join(folder.path, 'out', name), 'utf8')).toBe(text)
  }
  execFileSync('tar', ['cf', 'theirs.tar', '--format=pax', 'manifest.json'], { cwd: join(folder.path, 'out') })
  const theirs = await readFile(join(folder.path, 'out', 'theirs.tar'))
  expect(await read(theirs, 1000)).toEqual([['manifest.json', '{}']])
})

test('an archive that is cut short or damaged is refused', async () => {
  const whole = archive()
  await expect(read(whole.subarray(0, 2000), 512)).rejects.toThrow('ends too early')
  await expect(read(Buffer.from(whole.map((byte, at) => (at === 3 ? byte + 1 : byte))), 512)).rejects.toThrow('damaged')
})
