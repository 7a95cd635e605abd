import { Problem } from '../platform/problems.ts'
import type { Queryable } from '../platform/store.ts'
import type { Json, JsonObject } from './definition/definition.ts'
import { definitionIn } from './workflow-request.ts'
import { loadWorkflow } from './workflow-store.ts'

/**
 * What a new workflow is to be: what the body says, on top of the workflow that it copies. A copy does not keep the name.
 * @throws {Problem} `workflow_not_found`, `invalid_request` when it says nothing
 */
export async function definitionGiven(
  store: Queryable,
  { copy_of: copyOf, ...body }: Parameters<typeof definitionIn>[0] & { readonly copy_of?: string | undefined },
): Promise<Json> {
  const given = definitionIn(body)
  if (copyOf !== undefined) {
    if (typeof given === 'string') throw saysBoth()
    const { definition } = await loadWorkflow(store, copyOf)
    const { name, ...copied } = definition
    return { ...(copied as unknown as JsonObject), ...(given as JsonObject | undefined) }
  }
  if (given !== undefined) return given
  throw new Problem('invalid_request', 'The body holds no workflow', {
    hint: 'Give its nodes, a definition, or copy_of',
    errors: [{ path: 'nodes', message: 'is missing', code: 'missing_field' }],
  })
}

function saysBoth(): Problem {
  return new Problem('invalid_request', 'A copy is changed by fields, not by a text', {
    errors: [{ path: 'definition', message: 'can not be a text together with copy_of' }],
  })
}
