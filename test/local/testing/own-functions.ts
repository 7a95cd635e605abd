import type { FunctionDefinition } from '../../../functions/manifest.ts'
import type { HelixTest } from '../../../local/testing/kit.ts'
import type { StepWork } from '../../../shared/engine/run-step.ts'
import { createFunction } from '../../../shared/platform/http/create-function.ts'
import type { Platform } from '../../../shared/platform/platform.ts'
import { stepsWith } from '../../support/engine-kit.ts'

/** A queue function that answers what `work` does; 200 where that is nothing. */
export function queueFunction(
  name: string,
  work: (platform: Platform, body: Record<string, unknown>) => Promise<Response | undefined>,
): FunctionDefinition {
  const app = createFunction().post(`/steps/${name}`, async (c) => {
    const body = (await c.req.json()) as Record<string, unknown>
    return (await work(c.env.platform, body)) ?? c.body(null, 200)
  })
  return { name, trigger: 'queue', app }
}

/** The four steps, each of which writes a file for each of six items. */
export function writingSteps(): FunctionDefinition[] {
  const writes = (prefix: string): StepWork => {
    return async (context) => {
      const names = await context.forEachItem(
        ['a', 'b', 'c', 'd', 'e', 'f'],
        (letter) => letter,
        async (letter, item) => {
          await item.writeFile(`${prefix}-${letter}.txt`, letter.repeat(10), { type: 'txt' })
          return `${prefix}-${letter}.txt`
        },
      )
      return { result: { files: names.length }, required: names }
    }
  }
  return stepsWith({
    ddl_generation: writes('ddl'),
    qa_generation: writes('qa'),
    sql_validation: writes('validation'),
    training_load: writes('load'),
  })
}

/** Starts a task that runs all four steps. @returns its id */
export async function startTask(helix: HelixTest): Promise<string> {
  const made = await helix.fetch('/api/v0/data_pipeline/tasks/execute-complete', { json: { db_name: 'shop' } })
  const { data } = (await made.json()) as { data: { task_id: string } }
  return data.task_id
}
