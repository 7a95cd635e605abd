import type { Hono } from 'hono'
import type { FunctionEnv } from '../shared/platform/platform.ts'
import cancelTaskFunction from './tasks/cancel.ts'
import createTaskFunction from './tasks/create.ts'
import deleteTaskFunction from './tasks/delete.ts'
import executeStepFunction from './tasks/execute.ts'
import executeCompleteFunction from './tasks/execute-complete.ts'
import readTaskFunction from './tasks/read.ts'
import resumeTaskFunction from './tasks/resume.ts'

/** One function: a Hono app and what calls it. Queue functions have no public route. */
export interface FunctionDefinition {
  /** Kebab-case; a queue's messages name their function so. */
  readonly name: string
  readonly trigger: 'http' | 'queue'
  readonly app: Hono<FunctionEnv>
}

/** Every function of Helix, a line each. Fixed paths come before those with parameters. */
export const FUNCTIONS: readonly FunctionDefinition[] = [
  { name: 'create-task', trigger: 'http', app: createTaskFunction },
  { name: 'execute-complete', trigger: 'http', app: executeCompleteFunction },
  { name: 'execute-step', trigger: 'http', app: executeStepFunction },
  { name: 'cancel-task', trigger: 'http', app: cancelTaskFunction },
  { name: 'resume-task', trigger: 'http', app: resumeTaskFunction },
  { name: 'delete-task', trigger: 'http', app: deleteTaskFunction },
  { name: 'read-task', trigger: 'http', app: readTaskFunction },
]
