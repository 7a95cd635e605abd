import * as z from 'zod'
import type { HelixApi } from './api.ts'

const WORKFLOWS = '/api/v1/workflows'

const Summary = z.looseObject({
  id: z.string(),
  version: z.number(),
  nodes: z.number(),
  description: z.string().nullable(),
  built_in: z.boolean(),
  updated_at: z.string().nullable(),
})
export type WorkflowAnswer = z.infer<typeof Summary>
const Page = z.object({ workflows: z.array(Summary), next_cursor: z.string().nullable() })

const Deleted = z.looseObject({ id: z.string(), version: z.number(), snapshot_id: z.number(), tasks: z.number() })

const RolledBack = z.looseObject({
  workflow_id: z.string(),
  from_version: z.number(),
  to_version: z.number(),
  restored_version: z.number(),
  changed: z.boolean(),
})

/** What the command line changes of workflows. @throws {CliFailure} with the problem's code */
export function openWorkflowApi({ get, post, put, remove }: Pick<HelixApi, 'get' | 'post' | 'put' | 'remove'>) {
  return {
    list: (query: Readonly<Record<string, string | number | undefined>>) => get(WORKFLOWS, Page, query),
    /** @param definition its text */
    create: (definition: string, id: string | undefined) =>
      post(WORKFLOWS, Summary, { definition, ...(id === undefined ? {} : { id }) }),
    /** Gives a workflow that is there the next version. */
    replace: (id: string, definition: string, reason: string | undefined) =>
      put(pathOf(id), Summary, { definition, ...(reason === undefined ? {} : { reason }) }),
    /** @param force also when ended tasks have run it */
    remove: (id: string, { force, reason }: { force: boolean; reason?: string | undefined }) =>
      remove(pathOf(id), Deleted, { force: force ? 'true' : undefined, reason }),
    /** @param body the last change, or the deletion, is undone when it names no snapshot */
    rollBack: (id: string, body: { readonly snapshot_id?: number; readonly reason?: string }) =>
      post(`${pathOf(id)}/rollback`, RolledBack, body),
  }
}

function pathOf(id: string): string {
  return `${WORKFLOWS}/${encodeURIComponent(id)}`
}
