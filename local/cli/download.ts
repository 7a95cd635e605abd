import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import type { FileAnswer } from './answers.ts'
import type { HelixApi } from './api.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure } from './failure.ts'

/** Makes the folder for `--out`, before a run begins that would have nowhere to put its files. @throws {CliFailure} */
export async function prepareFolder(path: string): Promise<string> {
  const folder = resolve(path)
  try {
    await mkdir(folder, { recursive: true })
    if ((await stat(folder)).isDirectory()) return folder
    throw new Error('it is not a directory')
  } catch (cause) {
    const reason = cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : String(cause)
    throw new CliFailure(EXIT.usage, 'output_unusable', `Cannot write to ${path} (${reason})`, {
      hint: 'Name another folder with --out',
      cause,
    })
  }
}

/** Copies files through the API into a folder, one after the other; each appears whole or not at all. */
export async function downloadFiles(api: HelixApi, files: readonly FileAnswer[], folder: string): Promise<void> {
  for (const file of files) {
    const { body } = await api.download(file.download_url)
    const target = join(folder, basename(file.file_name))
    const partial = `${target}.part`
    try {
      const content = body === null ? Readable.from([]) : Readable.fromWeb(body as unknown as NodeStream<Uint8Array>)
      await pipeline(content, createWriteStream(partial))
      await rename(partial, target)
    } catch (error) {
      await rm(partial, { force: true })
      throw error
    }
  }
}
