import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Case } from '../suite/case.ts'
import { plantedIn } from '../suite/client.ts'
import { filesOf, type Job, TASKS } from '../suite/job.ts'
import type { Kit } from '../suite/kit.ts'
import { LeftOut } from '../suite/left-out.ts'
import { SOURCES } from '../world.ts'

/** Nothing of what was planted may come out anywhere. */
export const secrets: readonly Case[] = [
  {
    subject: 'secrets',
    name: 'keeps passwords and keys out of its logs, also when it fails because of them',
    last: true,
    async run(t) {
      await provoke(t)
      await t.until('the log of the failures', async () => /"event":"request.failed"/.test(t.target.output()))
      deepEqual(plantedIn('the log', t.target.output(), t.planted), [])
    },
  },
  {
    subject: 'secrets',
    name: 'keeps passwords and keys out of every answer and dead letter',
    last: true,
    async run(t) {
      await provoke(t)
      const letters = JSON.stringify(await t.target.deadLetters())
      deepEqual([...(await t.leaks()), ...plantedIn('a dead letter', letters, t.planted)], [])
    },
  },
  {
    subject: 'secrets',
    name: 'keeps passwords and keys out of every file of a task',
    last: true,
    async run(t) {
      const leaks: string[] = []
      for (const { id } of await jobs(t)) {
        for (const name of ['task_config.json', 'task_result.json', 'data_pipeline.log']) {
          const response = await t.fetch(`${TASKS}/${id}/files/download/${name}`)
          if (response.ok) leaks.push(...plantedIn(name, await response.text(), t.planted))
        }
        for (const { file_name, download_url } of await filesOf(t, id)) {
          leaks.push(...plantedIn(file_name, await (await t.fetch(download_url)).text(), t.planted))
        }
      }
      deepEqual(leaks, [])
    },
  },
]

/** Fails in each way in which a password is at hand. */
async function provoke(t: Kit): Promise<void> {
  const tested = await t.call('POST', `/api/v0/data_pipeline/sources/${SOURCES.broken}/test`, {})
  equal(tested.status, 502, JSON.stringify(tested.body))
  const { status } = await t.call('POST', TASKS, { db_name: SOURCES.broken })
  ok(status === 502 || status === 503, `${status}`) // 503 once it has failed so often that it is given a rest
  equal((await t.call('POST', `/conformance/fail/${SOURCES.broken}`, {})).status, 500)
  const { brokenPassword: password = '' } = t.planted
  const connection = { host: '127.0.0.1', port: 1, database: 'none', user: 'helix', password }
  const inline = await t.call('POST', TASKS, { db_connection: connection })
  ok(inline.status >= 400, 'an unreachable source was taken')
}

async function jobs(t: Kit): Promise<Job[]> {
  const played: Job[] = [await t.job('sample')]
  try {
    played.push(await t.job('given'))
  } catch (error) {
    if (!(error instanceof LeftOut)) throw error
  }
  return played
}
