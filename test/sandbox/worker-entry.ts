import { quickJsModule } from '#quickjs'
import type { SandboxRequest } from '../../shared/platform/sandbox.ts'
import { inlineSandbox } from '../../shared/sandbox/inline-sandbox.ts'

// The clock of a Worker stands still while code runs; not so that of the runtime on this machine.
const sandbox = inlineSandbox({ module: quickJsModule, steadyMs: () => 0 })

/** Runs each request of the body, one after the other, and answers with the runs. */
export const fetchHandler = {
  async fetch(request: Request): Promise<Response> {
    const runs = []
    for (const one of (await request.json()) as SandboxRequest[]) runs.push(await sandbox.run(one))
    return Response.json(runs)
  },
}
