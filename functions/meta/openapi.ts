import { Hono } from 'hono'
import { generateSpecs } from 'hono-openapi'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { describeAccess } from '../../shared/platform/http/describe-access.ts'
import type { FunctionEnv } from '../../shared/platform/platform.ts'

/** What is described: the functions of the manifest, which hands them over, since it can't be imported from here. */
interface Described {
  readonly trigger: string
  readonly app: Hono<FunctionEnv>
}

const INFO = {
  title: 'Helix',
  version: '0.1.0',
  description: 'Turns a business PostgreSQL database into validated text-to-SQL training data.',
  license: { name: 'MIT', identifier: 'MIT' },
}

/** `GET /openapi.json`: the description of every public function, made once from the schemas that validate. */
export function openApi(functions: readonly Described[]): Hono<FunctionEnv> {
  let description: ReturnType<typeof specify> | undefined
  const self = createFunction().get(
    '/openapi.json',
    describe({
      summary: 'This description (OpenAPI 3.1)',
      tag: 'meta',
      answers: { 200: { type: 'application/json', description: 'OpenAPI 3.1' } },
    }),
    async (c) => {
      description ??= specify([...functions, { trigger: 'http', app: self }])
      const isGuarded = c.env.platform.config.HELIX_AUTH === 'keys'
      return c.json(isGuarded ? describeAccess(await description) : await description)
    },
  )
  return self
}

async function specify(functions: readonly Described[]) {
  const app = new Hono<FunctionEnv>()
  for (const { trigger, app: mounted } of functions) if (trigger === 'http') app.route('/', mounted)
  const tags = ['tasks', 'files', 'pairs', 'sources', 'training', 'health', 'meta'].map((name) => ({ name }))
  return hoistDefinitions(await generateSpecs(app, { documentation: { info: INFO, tags }, excludeStaticFile: false }))
}

/**
 * Schemas that repeat themselves carry their parts as `$defs` and refer to them as if they were the whole document: in a
 * description they are found among its components.
 */
function hoistDefinitions<Description extends object>(description: Description): Description {
  const schemas: Record<string, unknown> = {}
  const hoisted = hoist(description, {}, schemas) as Description & { components?: { schemas?: object } }
  return { ...hoisted, components: { ...hoisted.components, schemas: { ...hoisted.components?.schemas, ...schemas } } }
}

/** @param names what the parts of the schema that we are in are called outside of it */
function hoist(value: unknown, names: Readonly<Record<string, string>>, schemas: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => hoist(item, names, schemas))
  if (typeof value !== 'object' || value === null) return value
  const { $defs, ...rest } = value as Record<string, unknown>
  const parts = Object.entries(typeof $defs === 'object' && $defs !== null ? $defs : {})
  const known = { ...names }
  for (const [name] of parts) {
    known[name] = `Part${Object.keys(schemas).length + 1}`
    schemas[known[name]] = null // its number is taken
  }
  for (const [name, part] of parts) schemas[known[name] ?? name] = hoist(part, known, schemas)
  return Object.fromEntries(
    Object.entries(rest).map(([key, item]) => {
      const own = key === '$ref' && typeof item === 'string' ? /^#\/\$defs\/(.+)$/.exec(item)?.[1] : undefined
      const outside = own === undefined ? undefined : known[own]
      return [key, outside === undefined ? hoist(item, known, schemas) : `#/components/schemas/${outside}`]
    }),
  )
}
