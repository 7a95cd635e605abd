import type { FunctionDefinition } from '../../functions/manifest.ts'
import { isStep, PIPELINE, STEPS, type StepName } from '../../shared/engine/pipeline.ts'
import type { StepWork } from '../../shared/engine/run-step.ts'
import type { StepContext } from '../../shared/engine/step-context.ts'
import { workFunction } from '../../shared/engine/step-function.ts'
import { Problem } from '../../shared/platform/problems.ts'
import { type Draws, drawsOf } from './chance.ts'
import { flowOf, isBorder, isLeftOut } from './flow.ts'
import type { Turn, World } from './model.ts'

const NODE_FUNCTIONS = ['workflow-start', 'workflow-node', 'workflow-end']
const NODE_ITEMS_MAX = 2 // a run has more nodes than a pipeline has steps

/** The steps and the nodes as the engine runs them, with work that a seed has thought up. @param world the one that runs now */
export function simulatedSteps(world: () => World): FunctionDefinition[] {
  return [...STEPS.map((step) => PIPELINE[step].function), ...NODE_FUNCTIONS].map((name) => {
    return { name, trigger: 'queue' as const, app: workFunction(name, work(world)) }
  })
}

/** The items of a step of a task: the same however often it is worked. */
export function itemsOf({ plan }: World, taskId: string, step: string): string[] {
  const drawn = drawsOf(plan.seed, taskId, step).whole(plan.itemsMin, plan.itemsMax)
  const count = isStep(step) ? drawn : isBorder(step) ? 0 : Math.min(drawn, NODE_ITEMS_MAX)
  return Array.from({ length: count }, (_, index) => `item${index + 1}`)
}

function work(current: () => World): StepWork {
  return async (context, platform) => {
    const world = current()
    const { plan } = world
    const { taskId, executionId, runId, step, leaseOwner: worker, claim, attempt, timeoutMs } = context.execution
    const concurrency = drawsOf(plan.seed, taskId, step, 'concurrency').whole(1, 4)
    const turn = world.ledger.begin({
      taskId,
      executionId,
      runId,
      worker,
      step,
      claim,
      attempt,
      timeoutMs,
      concurrency,
    })
    const draws = drawsOf(plan.seed, executionId, claim)
    const tell = (text: string) => context.log('INFO', both(world.ledger.line(turn, text)))
    const modest = drawsOf(plan.seed, taskId, step, 'modest').chance(plan.modest)
    const rests = !modest || draws.chance(0.5)
    const fails = draws.chance(plan.failures) ? draws.one(['first', 'item', 'last', 'forgets'] as const) : null
    const signature = plan.content === 'claim' ? ` by claim ${claim} of ${executionId}` : ''
    tell('begins')
    if (fails === 'first') fail(world, turn, draws)
    const node = flowOf(world, taskId)?.find(({ name }) => name === step)
    if (node !== undefined && isLeftOut(node, (needed) => context.task.stepStatus[needed] === 'skipped')) {
      turn.returned = { required: [], items: [], total: 0 }
      return { result: { total: 0, claim, skipped: true }, required: [], skipped: true }
    }
    const items = itemsOf(world, taskId, step)
    if (!modest && draws.chance(0.3)) {
      await platform.sources.open({ name: 'shop' })
      world.ledger.reached(turn)
    }
    const timeLeft = () =>
      platform.deadline === null
        ? Number.POSITIVE_INFINITY
        : platform.deadline.getTime() - platform.clock.now().getTime()
    const values = await context.forEachItem(
      items,
      (item) => item,
      async (item, itemContext) => {
        turn.inFlight += 1
        world.ledger.item(turn, item, timeLeft())
        const itemDraws = drawsOf(plan.seed, executionId, claim, item)
        try {
          if (rests) await platform.clock.sleep(duration(world, itemDraws), context.signal)
          if (fails === 'item' && itemDraws.chance(0.5)) fail(world, turn, itemDraws)
          const text = `${item} of ${taskId}${signature}\n`
          if (!modest) {
            await itemContext.writeFile(fileOf(step, item), text, { type: 'txt', primary: true })
            world.ledger.reached(turn)
          }
        } finally {
          turn.inFlight -= 1
        }
        tell(`${item} is done`)
        return { length: item.length, item }
      },
      { concurrency },
    )
    if (fails === 'last') fail(world, turn, draws)
    const total = values.reduce((sum, value) => sum + value.length, 0)
    const names = modest ? [] : items.map((item) => fileOf(step, item))
    if (values.map(({ item }) => item).join() !== items.join()) {
      world.violate('6-checkpoint', `The results of ${executionId} are not those of its items`)
    }
    if (!modest) {
      await context.writeFile(fileOf(step, runName(executionId)), `${executionId}\n`, { type: 'txt' })
      await context.writeFile(fileOf(step, 'all'), `${names.join('\n')}${signature}\n`, { type: 'txt', primary: true })
      world.ledger.reached(turn)
    }
    tell('ends')
    const required = [
      ...names,
      ...(modest ? [] : [fileOf(step, 'all')]),
      ...(fails === 'forgets' ? [fileOf(step, 'forgotten')] : []),
    ]
    if (fails === 'forgets') turn.problem = { code: 'missing_output', retryable: true }
    turn.returned = { required, items, total }
    return { result: { total, claim }, required }
  }
}

/** Of the file that is like no other run's. */
export function runName(executionId: string): string {
  return `run${executionId.split('_exec_')[1] ?? ''}`
}

function both(text: string): Parameters<StepContext['log']>[1] {
  return { zh: text, en: text }
}

function duration({ plan }: World, draws: Draws): number {
  if (draws.chance(plan.longItems)) return draws.whole(20_000, 100_000)
  return draws.whole(0, plan.itemMsMax)
}

function fail(world: World, turn: Turn, draws: Draws): never {
  const code = draws.one(['source_unreachable', 'llm_failed', 'invalid_pairs_file', 'internal'] as const)
  world.count('failures of steps')
  turn.problem ??= { code, retryable: code !== 'invalid_pairs_file' }
  if (code === 'internal') throw new Error('The simulated step has a bug')
  throw new Problem(code, 'The simulated step fails')
}

const FILES: Readonly<Record<StepName, (item: string) => string>> = {
  ddl_generation: (item) => `${item}.ddl`,
  qa_generation: (item) => `qs_${item}_pair.json`,
  sql_validation: (item) => `sql_validation_${item}_report.json`,
  training_load: (item) => `training_load_${item}.log`,
}

export function fileOf(step: string, item: string): string {
  return isStep(step) ? FILES[step](item) : `${step}_${item}.txt`
}
