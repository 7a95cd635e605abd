import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FunctionDefinition } from '../../../functions/manifest.ts'
import { openRunner } from '../../../local/runner/open-runner.ts'
import { parseConfig } from '../../../shared/platform/config.ts'
import { createFunction } from '../../../shared/platform/http/create-function.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const SLOW = 120_000 // the first run on a machine makes the embedded databases

test(
  'a runner that keeps its queue in the store delivers what an earlier one left there',
  async () => {
    await using folder = await temporaryFolder()
    const config = parseConfig({
      HELIX_DATA_DIR: join(folder.path, 'data'),
      HELIX_FILES_ROOT: join(folder.path, 'files'),
      HELIX_LOCAL_QUEUE: 'store',
    })
    const seen: unknown[] = []
    const app = createFunction().post('/steps/probe', async (c) => {
      seen.push(await c.req.json())
      return new Response(null, { status: seen.length === 1 ? 422 : 200 })
    })
    const functions: FunctionDefinition[] = [{ name: 'probe', trigger: 'queue', app }]
    const options = { quiet: true, functions, scheduled: [] }
    const bodies = [1, 2].map((claim) => ({ execution_id: 'e', claim }))

    const first = await openRunner(config, { ...options, works: false }) // it leaves messages alone
    for (const body of bodies) await first.queue.send({ function: 'probe', body })
    expect([await first.queue.depth(), seen]).toEqual([2, []])
    await first.stop()

    const second = await openRunner(config, options)
    await second.queue.idle()
    const letters = (await second.deadLetters()).map(({ message, reason }) => [message.body.claim, reason])
    await second.stop()
    expect([seen.length, letters]).toEqual([2, [[1, 'HTTP 422']]])
  },
  SLOW,
)
