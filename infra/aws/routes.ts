import type { FunctionDefinition } from '../../functions/manifest.ts'

/**
 * The routes of a function in the words of API Gateway: `GET /tasks/{task_id}/files/{name+}`. A path that can be got
 * can be asked for its head, which is a route of its own there.
 */
export function routesOf({ app }: FunctionDefinition): string[] {
  const routes = new Set<string>()
  for (const { method, path } of app.routes) {
    if (method === 'ALL') continue // middleware
    routes.add(`${method} ${gatewayPath(path)}`)
    if (method === 'GET') routes.add(`HEAD ${gatewayPath(path)}`)
  }
  return [...routes]
}

/** @throws {Error} for a pattern that API Gateway has no word for */
function gatewayPath(path: string): string {
  const segments = path.split('/').map((segment, at, all) => {
    const [, name, pattern] = /^:(\w+)(?:\{(.+)\})?$/.exec(segment) ?? []
    if (name === undefined) return segment
    if (pattern === undefined) return `{${name}}`
    if (pattern !== '.+' || at !== all.length - 1) throw new Error(`API Gateway has no word for ${path}`)
    return `{${name}+}`
  })
  return segments.join('/')
}
