// How fast the engine is, beside its peers: `npm run bench:engine -- [--server postgres://…] [--peers [DIR]] [--quick] [--only workflows,raw,alone,scale,takeover] [--contenders helix,dbos] [--write] [--json FILE]`.
// Databases are made on the server and dropped afterwards. Peers are installed into a temporary directory, or taken from DIR.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { installPeers } from '../install-peers.ts'
import { optionsOf } from '../scratch.ts'
import { claimsPerSecond } from './claims.ts'
import { CONTENDERS } from './contenders.ts'
import { openDatabases, serverSettings } from './databases.ts'
import { acceptToStart, logLinesPerSecond } from './latency.ts'
import { measureRaw } from './raw.ts'
import { type Results, render } from './render.ts'
import { measureScale } from './scale.ts'
import { measureTakeover } from './takeover.ts'
import { AT_ONCE, measureWorkflows } from './workflows.ts'

const PAGE = new URL('../README.md', import.meta.url)
const PEERS = new URL('peers.json', import.meta.url)

const options = optionsOf(process.argv.slice(2))
const quick = options.has('quick')
const server =
  options.get('server') ?? process.env.HELIX_TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const parts = new Set((options.get('only') ?? 'workflows,raw,alone,scale,takeover').split(','))
const rounds = Number(options.get('rounds') ?? (quick ? 2 : 5))
const seconds = Number(options.get('seconds') ?? (quick ? 3 : 10))
const say = (text: string) => process.stderr.write(`${text}\n`)

const peersDir = options.has('peers') ? installPeers(options.get('peers') ?? 'true', PEERS) : null
await using databases = await openDatabases(server)
const results: Results = {
  when: new Date().toISOString().slice(0, 10),
  machine: {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    load: loadavg()[0] ?? Number.NaN,
  },
  server: await serverSettings(databases.admin),
  rounds,
  seconds,
  versions: peersDir === null ? {} : versionsOf(peersDir.path),
  skipped: [
    ...(peersDir === null ? ['the peers: measured with `--peers`'] : []),
    'Absurd: its package brings no schema, which comes from a program of another registry',
  ],
  ...(parts.has('workflows') ? { workflows: await workflows() } : {}),
  ...(parts.has('raw') ? { raw: await measureRaw(await databases.create(), seconds, say) } : {}),
  ...(parts.has('alone') ? await alone() : {}),
  ...(parts.has('scale') ? { scale: await scale() } : {}),
  ...(parts.has('takeover') ? { takeover: await measureTakeover(databases.create, quick ? 1 : 4) } : {}),
}
peersDir?.remove()
const page = render(results)
process.stdout.write(page)
if (options.has('write')) writeFileSync(PAGE, page)
const file = options.get('json')
if (file !== undefined) writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)

async function workflows() {
  const asked = options.get('contenders')?.split(',') ?? Object.keys(CONTENDERS)
  const names = asked.filter((name) => name.startsWith('helix') || peersDir !== null)
  const contenders = new Map<string, string>()
  for (const name of names) contenders.set(name, await databases.create())
  return await measureWorkflows({
    contenders,
    peersDir: peersDir?.path ?? '',
    rounds,
    seconds,
    warmSeconds: quick ? 5 : 10,
    admin: databases.admin,
    say,
  })
}

async function alone() {
  const count = quick ? 500 : 3_000
  const claims = await claimsPerSecond(await databases.create(), AT_ONCE, { count, rounds: quick ? 2 : 5 })
  say(`claims: ${JSON.stringify(claims)}`)
  const start = await acceptToStart(await databases.create(), quick ? 100 : 500)
  say(`accept to start: ${JSON.stringify(start)}`)
  const logLines = await logLinesPerSecond(await databases.create(), quick ? 20_000 : 100_000)
  say(`log lines per second: ${logLines.toFixed(0)}`)
  return { claims, start, logLines }
}

async function scale() {
  const tasks = Number(options.get('tasks') ?? (quick ? 100_000 : 1_000_000))
  const [few, many] = [await databases.create(), await databases.create()]
  return await measureScale({ few, many, tasks, rounds: quick ? 3 : 7, seconds: quick ? 3 : 5, say })
}

/** Of each contender that is a package. */
function versionsOf(path: string): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync(PEERS, 'utf8')) as { dependencies: Record<string, string> }
  const versionOf = (name: string) =>
    (JSON.parse(readFileSync(join(path, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version
  const versions = Object.keys(dependencies).map((name) => [
    name.replace('@dbos-inc/dbos-sdk', 'dbos'),
    versionOf(name),
  ])
  return Object.fromEntries(versions)
}
