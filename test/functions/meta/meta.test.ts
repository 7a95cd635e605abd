import { describe, expect, test } from 'vitest'
import { FUNCTIONS } from '../../../functions/manifest.ts'
import { functionKit } from '../../support/function-kit.ts'
import { sourcesOf } from '../../support/test-platform.ts'

const unasked = async (): Promise<never> => {
  throw new Error('No page asks a source')
}
const kit = functionKit({ sources: sourcesOf([{ name: 'shop', open: unasked }]) })
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

interface Operation {
  summary?: string
  tags?: string[]
  operationId?: string
  parameters?: { name: string; in: string; schema: unknown }[]
  requestBody?: { content: Record<string, { schema: Record<string, unknown> }> }
  responses: Record<string, { description: string; content?: Record<string, unknown> }>
}

interface Description {
  openapi: string
  info: { title: string }
  paths: Record<string, Partial<Record<(typeof METHODS)[number], Operation>>>
}

const operations = async () => {
  const { paths } = await kit.read<Description>('/openapi.json')
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method]
      return operation === undefined ? [] : [{ name: `${method} ${path}`, path, operation }]
    }),
  )
}

/** As much of an element as the page's script uses. */
class FakeElement {
  className = ''
  #children: (FakeElement | string)[] = []
  #replaced: (() => void)[] = []
  append(...children: (FakeElement | string)[]): void {
    this.#children.push(...children)
  }
  replaceChildren(...children: (FakeElement | string)[]): void {
    this.#children = children
    for (const told of this.#replaced) told()
  }
  onReplaced(told: (value?: unknown) => void): void {
    this.#replaced.push(() => told())
  }
  text(): string {
    return this.#children.map((child) => (typeof child === 'string' ? child : child.text())).join('\n')
  }
}

describe('the description of the API', () => {
  test('is OpenAPI 3.1 and names every public function once', async () => {
    const description = await kit.read<Description>('/openapi.json')
    expect(description).toMatchObject({ openapi: expect.stringMatching(/^3\.1/), info: { title: 'Helix' } })
    expect(await operations()).toHaveLength(FUNCTIONS.filter(({ trigger }) => trigger === 'http').length)
  })

  test('says of each operation what it does, what it answers and what it refuses', async () => {
    const found = await operations()
    for (const { name, operation } of found) {
      expect(operation.summary, name).toBeTruthy()
      expect(operation.tags, name).toHaveLength(1)
      expect(Object.keys(operation.responses), name).toEqual(expect.arrayContaining(['400', '500']))
    }
    expect(new Set(found.map(({ operation }) => operation.operationId)).size).toBe(found.length)
  })

  test('names every parameter of a path', async () => {
    for (const { name, path, operation } of await operations()) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)
      const given = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      expect(given.map((parameter) => parameter.name).toSorted(), name).toEqual(named.toSorted())
    }
  })

  test('has the schemas that validate', async () => {
    const { paths } = await kit.read<Description>('/openapi.json')
    const logs = paths['/api/v0/data_pipeline/tasks/{task_id}/logs']?.get
    expect(logs?.parameters).toContainEqual(
      expect.objectContaining({
        name: 'limit',
        in: 'query',
        schema: expect.objectContaining({ type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
      }),
    )
    const search = paths['/api/v0/training/search']?.post?.requestBody?.content['application/json']?.schema
    expect(JSON.stringify(search)).toContain('question')
    // Definitions are written by hand, so that what takes one says that it takes YAML.
    for (const [path, method] of [
      ['/api/v1/nodes', 'post'],
      ['/api/v1/workflows', 'post'],
      ['/api/v1/workflows/{id}', 'put'],
      ['/api/v1/workflows/{id}/validate', 'post'],
    ] as const) {
      const content = paths[path]?.[method]?.requestBody?.content ?? {}
      expect(Object.keys(content).toSorted(), path).toEqual(['application/json', 'application/yaml'])
      expect(JSON.stringify(content['application/json']), path).toMatch(/nodes|executor_type/)
    }
  })
})

describe('the pages', () => {
  test.each([
    ['zh', '接口文档'],
    ['en', 'Documentation'],
  ])('the home page says in %s what runs here', async (language, text) => {
    const answer = await kit.send('GET', '/', { headers: { 'Accept-Language': language } })
    expect(answer.headers.get('content-type')).toContain('text/html')
    const html = await answer.text()
    expect(html).toContain(text)
    expect(html).toContain('href="/docs"')
  })

  test('the home page names a source that there is, and its links lead somewhere', async () => {
    const html = await (await kit.send('GET', '/')).text()
    expect(html).toContain(`-d '{"db_name": "shop"}'`)
    const links = [...html.matchAll(/href="(\/[^"]*)"/g)].map(([, path]) => path ?? '')
    const answers = await Promise.all(links.map(async (path) => [path, (await kit.send('GET', path)).status]))
    expect(answers).toEqual(links.map((path) => [path, 200]))
  })

  test.each(['/', '/docs'])('%s loads nothing from elsewhere', async (path) => {
    const answer = await kit.send('GET', path)
    const html = await answer.text()
    expect(html).not.toMatch(/(?:src|href)=["'](?:https?:)?\/\//)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  test('the documentation shows every operation with its parameters and answers', async () => {
    const html = await (await kit.send('GET', '/docs')).text()
    const script = /<script>([\s\S]*)<\/script>/.exec(html)?.[1] ?? ''
    const api = new FakeElement()
    const document = { createElement: () => new FakeElement(), getElementById: () => api }
    const shown = new Promise((resolve) => api.onReplaced(resolve))
    new Function('document', 'fetch', script)(document, (path: string) => kit.send('GET', path))
    await shown
    const text = api.text()
    for (const { path, operation } of await operations()) {
      expect(text).toContain(path)
      expect(text).toContain(operation.summary)
    }
    expect(text).toContain('limit?')
    expect(text).toContain('"DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL"')
    expect(text).toContain('task_id: string')
  })

  test('port discovery tells the host and port that were asked', async () => {
    const script = await (await kit.send('GET', 'http://127.0.0.1:8042/port-discovery.js')).text()
    const window: Record<string, unknown> = {}
    new Function('window', script)(window)
    expect(window).toEqual({ HELIX_API_PORT: 8042, HELIX_API_BASE_URL: 'http://127.0.0.1:8042' })
  })
})
