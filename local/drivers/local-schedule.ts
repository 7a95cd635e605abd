import cron, { type ScheduledTask } from 'node-cron'
import { callScheduled } from '../../functions/triggers.ts'
import type { ScheduledDefinition } from '../../scheduled/manifest.ts'
import { breachText, ENVELOPE } from '../../shared/platform/envelope.ts'
import type { Platform } from '../../shared/platform/platform.ts'

const PORTABLE_EXPRESSION = /^(\S+ ){4}[*A-Za-z0-9,/-]+$/
const QUIET = { info: ignore, warn: ignore, error: ignore, debug: ignore }

export interface LocalSchedule {
  /**
   * Calls one scheduled function now, as its cron tick would.
   * @returns its answer, or null when its last tick is still running: that tick is then missed
   */
  fire(name: string): Promise<Response | null>
  /** Fires nothing more and waits for what is running. */
  stop(): Promise<void>
}

/** Calls each scheduled function by its cron expression, in UTC. */
export function localSchedule(options: {
  readonly functions: readonly ScheduledDefinition[]
  readonly platform: Platform
  /** Opens the platform of one invocation; the same one for all by default. */
  readonly invoke?: (
    name: { readonly function: string },
    work: (platform: Platform) => Promise<Response>,
  ) => Promise<Response>
}): LocalSchedule {
  const { functions, platform, invoke = (_, work) => work(platform) } = options
  assertPortable(functions)
  const running = new Map<string, Promise<Response>>()
  const fire = async (name: string): Promise<Response | null> => {
    const definition = functions.find((candidate) => candidate.name === name)
    if (definition === undefined) throw new RangeError(`There is no scheduled function "${name}"`)
    if (running.has(name)) return null
    const call = (watched: Platform) => callScheduled(definition, watched)
    const tick = invoke({ function: name }, call).finally(() => running.delete(name))
    running.set(name, tick)
    return await tick
  }
  const tasks = functions.map((definition) => onTicks(definition, () => fire(definition.name)))
  return {
    fire,
    async stop() {
      await Promise.all(tasks.map((task) => task.destroy()))
      await Promise.allSettled(running.values())
    },
  }
}

function onTicks({ name, cron: expression }: ScheduledDefinition, fire: () => Promise<unknown>): ScheduledTask {
  const options = { timezone: 'UTC', name, logger: QUIET, suppressMissedWarning: true, unref: true }
  return cron.schedule(expression, fire, options)
}

/** @throws {RangeError} naming the expression, and the platform it would break on */
function assertPortable(functions: readonly ScheduledDefinition[]): void {
  for (const { name, cron: expression } of functions) {
    if (!PORTABLE_EXPRESSION.test(expression) || !cron.validate(expression)) {
      throw new RangeError(`"${expression}" of ${name} is not a cron expression of five fields`)
    }
    if (/\d/.test(expression.split(' ')[4] ?? '')) {
      throw new RangeError(`"${expression}" of ${name}: name the weekday, Cloudflare and AWS count from 1 on Sunday`)
    }
  }
  const distinct = new Set(functions.map(({ cron: expression }) => expression))
  if (distinct.size > ENVELOPE.cron_expressions.max) {
    throw new RangeError(breachText('cron_expressions', distinct.size))
  }
}

function ignore(): void {}
