// How fast data sets are made: `npm run bench:dataset -- [--store postgres://…] [--tables 70] [--write]`. It makes databases
// of its own on the given server and drops them. `--write` puts the figures into README.md beside this file.
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { optionsOf } from '../scratch.ts'
import { type DatasetFigures, measureDataset } from './measure.ts'
import { machineLoad, renderPage } from './render.ts'
import type { GeneratedSchema } from './schema.ts'

const SIZES: readonly GeneratedSchema[] = [
  { tables: 70, schemas: 5, rowsPerTable: 500 },
  { tables: 500, schemas: 9, rowsPerTable: 20 },
]

const options = optionsOf(process.argv.slice(2))
const store =
  options.get('store') ?? process.env.HELIX_TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'

const child = options.get('child')
if (child !== undefined) {
  const figures = await measureDataset(store, JSON.parse(child) as GeneratedSchema)
  process.stdout.write(`${JSON.stringify(figures)}\n`)
} else await runAll()

async function runAll(): Promise<void> {
  const only = options.get('tables')
  const sizes = SIZES.filter(({ tables }) => only === undefined || String(tables) === only)
  const load = machineLoad()
  const figures: DatasetFigures[] = []
  for (const size of sizes) figures.push(await inProcess(size))
  const asked = ['npm run bench:dataset --', only === undefined ? '' : `--tables ${only}`, '--write']
  const page = renderPage(
    {
      command: asked.filter((part) => part !== '').join(' '),
      measuredOn: new Date().toISOString().slice(0, 10),
      serverVersion: await serverVersion(),
      load,
    },
    figures,
  )
  process.stdout.write(page)
  if (options.has('write')) await writeFile(new URL('README.md', import.meta.url), page)
}

/** In a process of its own, so that one size's memory is not counted to the next. */
async function inProcess(size: GeneratedSchema): Promise<DatasetFigures> {
  const program = fileURLToPath(import.meta.url)
  const args = ['--import', 'tsx', program, '--child', JSON.stringify(size), '--store', store]
  const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  running.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const code = await new Promise<number | null>((done) => running.once('close', done))
  if (code !== 0) throw new Error(`The measurement of ${size.tables} tables ended with ${code}`)
  return JSON.parse(text.trim().split('\n').at(-1) ?? '') as DatasetFigures
}

async function serverVersion(): Promise<string> {
  const client = new pg.Client({ connectionString: store })
  await client.connect()
  const { rows } = await client.query<{ server_version: string }>('show server_version')
  await client.end()
  return `Postgres ${rows[0]?.server_version ?? 'unknown'}`
}
