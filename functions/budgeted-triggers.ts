import { budgetedPlatform } from '../shared/ops/errors/budgeted-platform.ts'
import { ErrorBudgets } from '../shared/ops/errors/error-budgets.ts'
import type { Triggers } from './triggers.ts'

/** The same triggers, with one error budget for all that this process calls. */
export function budgetedTriggers(triggers: Triggers): Triggers {
  const budgets = new ErrorBudgets()
  return {
    fetch: (platform, request) => triggers.fetch(budgetedPlatform(platform, budgets), request),
    dispatch: (platform, message, handed) => triggers.dispatch(budgetedPlatform(platform, budgets), message, handed),
    fire: (platform, cron) => triggers.fire(budgetedPlatform(platform, budgets), cron),
  }
}
