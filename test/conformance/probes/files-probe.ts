import * as z from 'zod'
import type { FileInfo, Files } from '../../../shared/platform/files.ts'
import { createFunction } from '../../../shared/platform/http/create-function.ts'
import { asProblem } from '../../../shared/platform/problems.ts'
import { fromBase64, toBase64 } from './base64.ts'

const Content = z.union([
  z.object({ text: z.string() }),
  z.object({ base64: z.string() }),
  /** Written as a stream of these pieces; with `breaks` it fails after them. */
  z.object({ pieces: z.array(z.string()), breaks: z.boolean().optional() }),
])

const Operation = z.discriminatedUnion('op', [
  z.object({
    op: z.literal('put'),
    key: z.string(),
    content: Content,
    condition: z.object({ ifNoneMatch: z.literal('*').optional(), ifMatch: z.string().optional() }).optional(),
  }),
  z.object({ op: z.literal('append'), key: z.string(), text: z.string() }),
  z.object({
    op: z.literal('get'),
    key: z.string(),
    range: z.object({ offset: z.number(), length: z.number().optional() }).optional(),
  }),
  z.object({ op: z.literal('head'), key: z.string() }),
  z.object({
    op: z.literal('list'),
    prefix: z.string(),
    limit: z.number().optional(),
    cursor: z.string().optional(),
  }),
  z.object({ op: z.literal('delete'), keys: z.array(z.string()) }),
])

export type FileOperation = z.infer<typeof Operation>

const Script = z.object({ operations: z.array(Operation), together: z.boolean().optional() })

/** Runs file operations, one after the other or all at once. Each answers `{ value }` or `{ problem, message }`. */
export const filesProbe = createFunction().post('/conformance/files', async (c) => {
  const { operations, together = false } = Script.parse(await c.req.json())
  const { files } = c.env.platform
  const settle = async (operation: FileOperation) => {
    try {
      return { value: await run(files, operation) }
    } catch (error) {
      return { problem: asProblem(error).code, message: String(error) }
    }
  }
  if (together) return c.json(await Promise.all(operations.map(settle)))
  const answers: unknown[] = []
  for (const operation of operations) answers.push(await settle(operation))
  return c.json(answers)
})

async function run(files: Files, operation: FileOperation): Promise<unknown> {
  if (operation.op === 'put') return await put(files, operation)
  if (operation.op === 'append') return (await files.append(operation.key, operation.text)) ?? null
  if (operation.op === 'head') return await files.head(operation.key)
  if (operation.op === 'delete') return (await files.delete(operation.keys)) ?? null
  if (operation.op === 'list') {
    const { limit, cursor } = operation
    const options = { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) }
    return await files.list(operation.prefix, options)
  }
  const found = await files.get(operation.key, rangeOf(operation.range))
  if (found === null) return null
  const { body, ...info } = found
  return { ...info, base64: toBase64(new Uint8Array(await new Response(body).arrayBuffer())) }
}

async function put(files: Files, operation: Extract<FileOperation, { op: 'put' }>): Promise<FileInfo> {
  const { content, condition = {} } = operation
  const asked = {
    ...(condition.ifNoneMatch === undefined ? {} : { ifNoneMatch: condition.ifNoneMatch }),
    ...(condition.ifMatch === undefined ? {} : { ifMatch: condition.ifMatch }),
  }
  if ('text' in content) return await files.put(operation.key, content.text, asked)
  if ('base64' in content) return await files.put(operation.key, fromBase64(content.base64), asked)
  return await files.put(operation.key, streamOf(content.pieces, content.breaks === true), asked)
}

function rangeOf(range: { offset: number; length?: number | undefined } | undefined) {
  if (range === undefined) return undefined
  return { offset: range.offset, ...(range.length === undefined ? {} : { length: range.length }) }
}

function streamOf(pieces: readonly string[], breaks: boolean): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const left = [...pieces]
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift()
      if (piece !== undefined) controller.enqueue(encoder.encode(piece))
      else if (breaks) controller.error(new Error('the sender went away'))
      else controller.close()
    },
  })
}
