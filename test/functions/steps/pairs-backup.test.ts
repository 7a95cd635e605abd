import { expect, test } from 'vitest'
import type { Pair } from '../../../shared/dataset/pair.ts'
import { readBytes, readText } from '../../../shared/platform/files.ts'
import { deliverAll } from '../../support/engine-kit.ts'
import { pipelineKit, TASKS } from '../../support/pipeline-kit.ts'

const kit = pipelineKit()

test('the copy taken before validation is the pairs file to the byte, with its mark, its line ends and what is no UTF-8', async () => {
  const platform = await kit.openPlatform()
  const id = 'task_20250627_143052'
  const file = `${id}/qs_shop_${id}_pair.json`
  await kit.call(platform, 'POST', TASKS, { task_type: 'data_workflow', db_name: 'shop', business_context: 'shop' })
  const lines = [
    '\uFEFF[',
    '  { "question": "How many customers are there (caf?)", "sql": "select count(*) from Customers" },',
    '',
  ]
  const text = `${lines.join('\r\n')}  { "question": "有多少客户？", "sql": "select count(*) from customer" }\r\n]`
  const bytes = new TextEncoder().encode(text)
  bytes[bytes.indexOf('?'.charCodeAt(0))] = 0xe9 // an é as an old editor writes it
  await platform.files.put(file, bytes)

  await kit.call(platform, 'POST', `${TASKS}/${id}/execute`, { step: 'sql_validation', force_execute: true })
  expect(await deliverAll(platform)).toEqual([200])

  expect(await readBytes(platform.files, `${file}.backup`)).toEqual(bytes)
  const pairs = JSON.parse((await readText(platform.files, file)) ?? '[]') as Pair[]
  expect(pairs.map(({ status }) => status)).toEqual(['valid'])
  const { body } = await kit.call(platform, 'GET', `${TASKS}/${id}/files`)
  const listed = body.data.files.find(({ file_name }: { file_name: string }) => file_name.endsWith('.backup'))
  expect(listed).toMatchObject({ file_size: bytes.length })
})
