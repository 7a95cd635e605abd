import { workFunction } from '../../shared/engine/step-function.ts'
import { sourceRefOf } from '../../shared/platform/source-ref.ts'
import type { Json, JsonObject } from '../../shared/workflow/definition/definition.ts'
import { executeNode } from '../../shared/workflow/execute-node.ts'
import { resolveItems } from '../../shared/workflow/graph/plan.ts'
import { problemOfRun } from '../../shared/workflow/node-run.ts'
import { loadNode } from '../../shared/workflow/node-store.ts'
import { ended, inputsOf, openNodeRun, skippedByCondition, skippedForInputs } from './node-run.ts'

const LEVELS = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' } as const

/** Works a dynamic node of a workflow, once, or once for each item of a list. */
export default workFunction('workflow-node', async (context, platform) => {
  const run = await openNodeRun(context, platform)
  const skipped = skippedByCondition(context, run)
  if (skipped !== null) return skipped
  const { node, scope } = run
  const definition = await loadNode(platform.store, node.node, node.version ?? undefined)
  const items = resolveItems(node, scope)
  if (items === null) {
    const inputs = inputsOf(context, run, definition.inputs)
    return inputs === null ? skippedForInputs(context) : await ended(context, await execute(inputs))
  }
  const results = await context.forEachItem(
    items.map((item, index) => ({ item, index })),
    ({ index }) => `item:${index}`,
    async ({ item, index }) => {
      const inputs = inputsOf(context, { node, scope: { ...scope, item, index } }, definition.inputs)
      return inputs === null ? null : await execute(inputs)
    },
  )
  const lists = definition.outputs.map(({ name }): [string, Json] => [
    name,
    results.map((outputs) => outputs?.[name] ?? null),
  ])
  return await ended(context, Object.fromEntries(lists), { items: items.length })

  async function execute(inputs: JsonObject): Promise<JsonObject> {
    const source = await sourceRefOf(platform, context.task.parameters.source)
    const run = await executeNode(platform, definition, inputs, {
      origin: 'workflow',
      taskId: context.task.id,
      executionId: context.execution.executionId,
      ...(source === null ? {} : { source }),
      signal: context.signal,
      timeoutMs: context.execution.timeoutMs,
      language: context.language,
      now: context.task.createdAt, // the same at each attempt
    })
    for (const { level, text } of run.logs) context.log(LEVELS[level], { zh: text, en: text })
    if (run.outputs === null) throw problemOfRun(node.name, run)
    return run.outputs
  }
})
