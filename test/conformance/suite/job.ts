import type { Answer } from './client.ts'

export const TASKS = '/api/v0/data_pipeline/tasks'

const JOB_SECONDS_MAX = 240
const FINAL = new Set(['completed', 'failed', 'cancelled', 'partial_completed'])

/** What a job is played with. */
export interface JobKit {
  call(method: string, path: string, body?: unknown): Promise<Answer>
  until<T>(what: string, look: () => Promise<T | null | undefined | false>, seconds?: number): Promise<T>
}

/** A task that has ended, as the API tells it. */
export interface Job {
  readonly id: string
  readonly source: string
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared field by field
  readonly task: any
}

/** One file of a task, as the API lists it. */
export interface JobFile {
  readonly file_name: string
  readonly file_size: number
  readonly content_hash: string
  readonly download_url: string
}

/** Runs the whole workflow on a source, by HTTP, to its end. */
export async function playJob(kit: JobKit, source: string): Promise<Job> {
  const started = await kit.call('POST', `${TASKS}/execute-complete`, { db_name: source })
  if (started.status !== 202) throw new Error(`The job was not started: ${JSON.stringify(started.body)}`)
  const id: string = started.body.data.task_id
  return { id, source, task: await untilFinal(kit, id) }
}

/** Waits for a task's end. */
export async function untilFinal(kit: JobKit, id: string, seconds = JOB_SECONDS_MAX): Promise<Job['task']> {
  const look = async () => {
    const { body } = await kit.call('GET', `${TASKS}/${id}`)
    return FINAL.has(body.data?.status) ? body.data : null
  }
  return await kit.until(`${id} to end`, look, seconds)
}

/** The files that the API lists for a task. */
export async function filesOf(kit: Pick<JobKit, 'call'>, id: string): Promise<readonly JobFile[]> {
  return (await kit.call('GET', `${TASKS}/${id}/files`)).body.data.files
}
