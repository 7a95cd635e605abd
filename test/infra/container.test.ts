import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { FUNCTIONS } from '../../functions/manifest.ts'
import { RUNNER_OPTIONS } from '../../local/supervisor/open-supervisor.ts'
import { ROLES } from '../../shared/platform/api-keys.ts'
import { maskedConfig, parseConfig } from '../../shared/platform/config.ts'
import { neededRole } from '../../shared/platform/http/access.ts'
import { all, commandOf, environmentOf, execForm, isSent, last, parseDockerfile } from '../support/dockerfile.ts'
import { importsOf } from '../support/tidy-imports.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(`${ROOT}${path}`, 'utf8')
const IGNORE = read('infra/container/Dockerfile.dockerignore')
const EXAMPLE = read('infra/container/.env.example')
const COMPOSE_TEXT = read('infra/container/compose.yaml')

const stages = parseDockerfile(read('infra/container/Dockerfile'))
const image = stages.at(-1) ?? { name: '', base: '', instructions: [] }
const copies = stages.flatMap((stage) => all(stage, 'COPY').map((copy) => ({ stage, copy })))
/** What the image has of this repository. */
const copied = all(image, 'COPY')
  .filter(({ flags }) => flags.from === undefined)
  .flatMap(({ text }) => text.split(/\s+/).slice(0, -1))
const isCopied = (path: string) => copied.some((name) => path === name || path.startsWith(`${name}/`))

interface Service {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly command?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly [name: string]: unknown
}
const compose = parse(COMPOSE_TEXT, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}
const services = Object.entries(compose.services)
const helixes = services.filter(([, { build }]) => build !== undefined)

/** The files that a file leads to, itself included, with what they import of packages. */
function reached(start: string): { files: Set<string>; packages: Set<string> } {
  const [files, packages, open] = [new Set<string>(), new Set<string>(), [start]]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (files.has(path)) continue
    files.add(path)
    for (const { to, own, typesOnly } of importsOf({ path, text: read(path) })) {
      if (own && /\.(ts|js)$/.test(to)) open.push(to)
      else if (!own && !typesOnly && !to.startsWith('node:')) {
        packages.add(
          to
            .split('/')
            .slice(0, to.startsWith('@') ? 2 : 1)
            .join('/'),
        )
      }
    }
  }
  return { files, packages }
}

describe('the Dockerfile', () => {
  test('copies only what exists and is sent to the builder', () => {
    for (const { stage, copy } of copies) {
      const sources = copy.text.split(/\s+/).slice(0, -1)
      if (copy.flags.from !== undefined) expect(stages.map(({ name }) => name)).toContain(copy.flags.from)
      else
        for (const source of sources)
          expect([stage.name, source, existsSync(ROOT + source), isSent(IGNORE, source)]).toEqual([
            stage.name,
            source,
            true,
            true,
          ])
    }
    for (const path of [
      'node_modules/zod',
      '.git/config',
      '.env',
      'test/tidy.test.ts',
      'infra/container/.env',
      '.helix/x',
    ]) {
      expect([path, isSent(IGNORE, path)]).toEqual([path, false])
    }
  })

  test('copies every file that its command leads to, and nothing of the packages for development', () => {
    const { files, packages } = reached('local/cli/helix.js')
    expect(files.size).toBeGreaterThan(200)
    expect([...files].filter((path) => !isCopied(path))).toEqual([])
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
    expect([...packages].filter((name) => !(name in dependencies))).toEqual([])
    expect(last(stages[0] ?? image, 'RUN').text).toMatch(/^npm ci --omit=dev --ignore-scripts/)
  })

  test('copies what the code reads beside the modules', () => {
    for (const path of ['shared/platform/migrations/0001_pipeline.sql', 'local/samples/highway', 'package.json']) {
      expect([path, existsSync(ROOT + path) && isCopied(path)]).toEqual([path, true])
    }
  })

  test('starts a command that it copies as a supervisor does, without a shell, so that node gets the signals', () => {
    const [node, ...given] = commandOf(image)
    const [file = '', ...args] = given.slice(RUNNER_OPTIONS.length)
    expect([node, ...given]).toEqual(['node', ...RUNNER_OPTIONS, file, 'start'])
    expect(args).toEqual(['start'])
    const path = posix.relative(last(image, 'WORKDIR').text, file)
    expect([isCopied(path), existsSync(ROOT + path)]).toEqual([true, true])
    expect(last(image, 'STOPSIGNAL').text).toBe('SIGTERM')
  })

  test('runs as a user by number, who is not root and owns the folders that are written', () => {
    const user = last(image, 'USER').text
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    const [uid, gid] = user.split(':')
    const volumes = execForm(last(image, 'VOLUME').text)
    const { HELIX_DATA_DIR: data, HELIX_FILES_ROOT: files } = environmentOf(image)
    expect(volumes.toSorted()).toEqual([data, files].toSorted())
    expect(last(image, 'RUN').text).toBe(`install -d -o ${uid} -g ${gid} ${volumes.join(' ')}`)
  })

  test('asks for its health where an open endpoint answers, without any program but node', () => {
    const [node, flag, script = ''] = execForm(last(image, 'HEALTHCHECK').text)
    expect([node, flag]).toEqual(['node', '-e'])
    const path = /API_PORT\}(\/[\w/]+)/.exec(script)?.[1] ?? ''
    const routes = FUNCTIONS.flatMap(({ trigger, app }) =>
      trigger === 'http' ? app.routes.map((route) => route.path) : [],
    )
    expect(routes).toContain(path)
    expect(neededRole('GET', path)).toBeNull()
  })

  test('sets what Helix knows, and asks for keys because it listens everywhere', () => {
    const { NODE_ENV, ...settings } = environmentOf(image)
    expect(NODE_ENV).toBe('production')
    expect(Object.keys(settings).filter((name) => !isSetting(name))).toEqual([])
    expect(settings).toMatchObject({ HELIX_HOST: '0.0.0.0', HELIX_AUTH: 'keys' })
    expect(() => parseConfig(settings)).toThrow('HELIX_API_KEYS: is needed')
    const config = parseConfig({ ...settings, HELIX_API_KEYS: 'root:admin:0123456789abcdef' })
    expect(String(config.API_PORT)).toBe(last(image, 'EXPOSE').text)
  })

  test('takes a Node.js that Helix supports', () => {
    const major = Number(/^node:(\d+)-[a-z]+-slim$/.exec(image.base)?.[1])
    expect(major).toBeGreaterThanOrEqual(22)
    expect(stages.map(({ base }) => base)).toEqual(stages.map(() => image.base))
  })
})

describe('compose.yaml', () => {
  test('builds the Dockerfile with the root of the repository as its context', () => {
    expect(helixes.map(([name]) => name)).toEqual(['migrate', 'runner'])
    for (const [, { build }] of helixes) {
      const context = posix.join('infra/container', build?.context ?? '')
      expect(context).toBe('.')
      expect(existsSync(posix.join(ROOT, context, build?.dockerfile ?? ''))).toBe(true)
    }
  })

  test('sets only what Helix knows, in the file and in the example of its settings', () => {
    const named = helixes.flatMap(([, { environment }]) => Object.keys(environment))
    const example = [...EXAMPLE.matchAll(/^(?:# )?(HELIX_\w+)=/gm)].map(([, name = '']) => name)
    expect(example.length).toBeGreaterThan(2)
    expect([...named, ...example].filter((name) => !isSetting(name))).toEqual([])
    for (const role of ROLES) expect(EXAMPLE).toContain(role)
  })

  test('holds no secret: each is asked for by name, and the example leaves it empty', () => {
    const asked = [...COMPOSE_TEXT.matchAll(/\$\{(\w+)(:\?[^}]+)?\}/g)].map(([, name = '']) => name)
    expect([...new Set(asked)].toSorted()).toEqual(['HELIX_API_KEYS', 'POSTGRES_PASSWORD'])
    for (const name of asked) {
      expect(COMPOSE_TEXT).toContain(`\${${name}:?`)
      expect(EXAMPLE).toMatch(new RegExp(`^${name}=$`, 'm'))
    }
    const secret = /(KEY|KEYS|PASSWORD|SECRET|TOKEN)$/
    for (const [, { environment }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (secret.test(name)) expect(value).toMatch(/^\$\{\w+:\?/)
        expect(value).not.toMatch(/:\/\/[^:@/]+:(?!\$\{)[^@/]+@/)
      }
    }
  })

  test('starts the runners when the store is healthy and migrated', () => {
    const { postgres, migrate, runner } = compose.services
    expect(postgres?.image).toMatch(/^pgvector\/pgvector:pg\d+$/)
    expect(postgres).toMatchObject({ healthcheck: { test: expect.arrayContaining(['pg_isready']) } })
    expect(migrate).toMatchObject({
      command: ['migrate'],
      restart: 'no',
      depends_on: { postgres: { condition: 'service_healthy' } },
    })
    expect(runner?.depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
      migrate: { condition: 'service_completed_successfully' },
    })
    for (const [, { depends_on = {} }] of services)
      for (const name of Object.keys(depends_on)) expect(compose.services).toHaveProperty(name)
  })

  test('lets runners share their files, and nothing else but the store', () => {
    const { HELIX_DATA_DIR: data, HELIX_FILES_ROOT: files } = environmentOf(image)
    expect(compose.services.runner?.volumes).toEqual([`files:${files}`, data])
    const named = services.flatMap(([, { volumes = [] }]) => volumes.filter((volume) => volume.includes(':')))
    expect(named.map((volume) => volume.split(':')[0]).toSorted()).toEqual(Object.keys(compose.volumes).toSorted())
  })

  test('publishes on loopback only, a range of ports that ends where the image listens', () => {
    const published = services.flatMap(([, { ports = [] }]) => ports)
    expect(published).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+-\d+:8000$/)])
    expect(published[0]).toMatch(new RegExp(`:${environmentOf(image).API_PORT}$`))
  })

  test('gives Helix no more than it needs', () => {
    for (const [name, service] of helixes) {
      expect([name, service]).toMatchObject([name, { read_only: true, init: true, cap_drop: ['ALL'], tmpfs: '/tmp' }])
    }
    for (const [name, service] of services)
      if (name !== 'migrate') {
        expect([name, service]).toMatchObject([
          name,
          { restart: 'unless-stopped', deploy: { resources: { limits: {} } } },
        ])
      }
  })
})

/** What `helix config` would show, were it set. */
function isSetting(name: string): boolean {
  if (name === 'DATABASE_URL' || name === 'API_PORT' || /^HELIX_SOURCE_[A-Z0-9_]+_URL$/.test(name)) return true
  return name in maskedConfig(parseConfig({})) || read('shared/platform/config.ts').includes(`\n  ${name}:`)
}
