import * as z from 'zod'
import { writeAudit } from '../../shared/platform/audit.ts'
import { callerOf } from '../../shared/platform/http/caller.ts'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { deleteNode, workflowsUsing } from '../../shared/workflow/node-store.ts'

const Query = z.object({
  version: z.string().min(1).max(50).optional().meta({ description: 'All versions unless said' }),
  force: z.enum(['true', 'false']).optional().meta({ description: 'Also when workflows use it' }),
})

const Deleted = z.object({ name: z.string(), versions: z.array(z.string()), workflows: z.array(z.string()) })

export default createFunction().delete(
  '/api/v1/nodes/:name',
  describe({
    summary: 'Take a node out of use; tasks and saved workflows keep the versions that they hold',
    tag: 'nodes',
    answers: { 200: envelopeOf(Deleted) },
    problems: ['node_not_found', 'node_in_use'],
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { version, force } = c.req.valid('query')
    const name = c.req.param('name')
    const workflows = await workflowsUsing(store, name, version)
    if (workflows.length > 0 && force !== 'true') {
      throw new Problem('node_in_use', `Node "${name}" is used by: ${workflows.join(', ')}`, {
        hint: 'Take it out of these workflows first, or delete it with ?force=true',
      })
    }
    const versions = await store.transaction(async (tx) => {
      const deleted = await deleteNode(tx, name, version)
      await writeAudit(tx, {
        at: clock.now(),
        actor: callerOf(c, 'api'),
        action: 'node.deleted',
        target: name,
        before: { versions: deleted, workflows },
        requestId: c.var.requestId,
      })
      return deleted
    })
    return c.json(succeeded(c, 'node_deleted', { name, versions: [...versions], workflows: [...workflows] }))
  },
)
