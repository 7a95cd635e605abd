import type { Case } from '../suite/case.ts'
import { attempts } from './attempts.ts'
import { background } from './background.ts'
import { batches } from './batches.ts'
import { cron } from './cron.ts'
import { deadlines } from './deadlines.ts'
import { delays, limits } from './delays.ts'
import { driven } from './driven.ts'
import { duplicates } from './duplicates.ts'
import { events } from './events.ts'
import { fileConditions, fileContents, fileNames } from './files.ts'
import { health, sandbox } from './health.ts'
import { httpAnswers } from './http-answers.ts'
import { httpProblems } from './http-problems.ts'
import { httpRequests } from './http-requests.ts'
import { mainJob } from './main-job.ts'
import { manyRunners } from './many-runners.ts'
import { outcomes } from './outcomes.ts'
import { ranges } from './ranges.ts'
import { secrets } from './secrets.ts'
import { store } from './store.ts'
import { workflows } from './workflows.ts'

/** Every case. The main job comes first, since it takes longest and others wait for it. */
export const CASES: readonly Case[] = [
  ...mainJob,
  ...attempts,
  ...outcomes,
  ...batches,
  ...delays,
  ...limits,
  ...duplicates,
  ...driven,
  ...cron,
  ...background,
  ...httpRequests,
  ...httpAnswers,
  ...httpProblems,
  ...ranges,
  ...events,
  ...fileContents,
  ...fileConditions,
  ...fileNames,
  ...store,
  ...deadlines,
  ...health,
  ...sandbox,
  ...workflows,
  ...manyRunners,
  ...secrets,
]
