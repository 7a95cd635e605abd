import * as z from 'zod'
import { createFunction } from '../../shared/platform/http/create-function.ts'
import { describe } from '../../shared/platform/http/describe.ts'
import { envelopeOf, succeeded } from '../../shared/platform/http/envelope.ts'
import { validate } from '../../shared/platform/http/validate.ts'
import { readNode, readVersions } from '../../shared/workflow/node-store.ts'
import { NodeSummaryView, nodeSummaryView, VersionView, versionView } from '../../shared/workflow/node-view.ts'

const Query = z.object({
  version: z.string().min(1).max(50).optional().meta({ description: 'The newest unless said' }),
})

const Node = NodeSummaryView.extend({
  definition: z.looseObject({}),
  versions: z.array(VersionView).meta({ description: 'Newest first' }),
})

export default createFunction().get(
  '/api/v1/nodes/:name',
  describe({
    summary: 'A node with its definition and all its versions',
    tag: 'nodes',
    answers: { 200: envelopeOf(Node) },
    problems: ['node_not_found'],
  }),
  validate('query', Query),
  async (c) => {
    const { store, clock } = c.env.platform
    const { version } = c.req.valid('query')
    const name = c.req.param('name')
    const versions = await readVersions(store, name)
    const node = version === undefined ? versions[0] : undefined
    const shown = node ?? (await readNode(store, name, version))
    const data: z.infer<typeof Node> = {
      ...nodeSummaryView(shown, clock.timeZone),
      definition: { ...shown.definition },
      versions: versions.map((each) => versionView(each, clock.timeZone)),
    }
    return c.json(succeeded(c, 'ok', data))
  },
)
