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
  return await generateSpecs(app, { documentation: { info: INFO, tags }, excludeStaticFile: false })
}
