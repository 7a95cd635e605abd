import { neededRole } from './access.ts'

/** As much of an OpenAPI description as access changes. */
interface Description {
  readonly paths: Record<string, object>
  readonly components?: object
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: unknown }>>
}

const SCHEME = 'key'

/** A description that also says which operations need a key, and of which role (`x-role`). */
export function describeAccess<Given extends Description>(description: Given): Given {
  const paths = Object.fromEntries(
    Object.entries(description.paths).map(([path, item]) => [
      path,
      Object.fromEntries(Object.entries(item).map(([method, given]) => [method, withAccess(method, path, given)])),
    ]),
  )
  const securitySchemes = { [SCHEME]: { type: 'http', scheme: 'bearer', description: 'A key of HELIX_API_KEYS' } }
  return { ...description, paths, components: { ...description.components, securitySchemes } }
}

function withAccess(method: string, path: string, operation: Operation): object {
  const role = neededRole(method.toUpperCase(), path)
  if (role === null) return { ...operation, security: [] }
  const content = operation.responses['500']?.content // every problem has the same body
  const responses = {
    ...operation.responses,
    401: { description: 'unauthorized', content },
    403: { description: 'forbidden', content },
  }
  return { ...operation, security: [{ [SCHEME]: [] }], 'x-role': role, responses }
}
