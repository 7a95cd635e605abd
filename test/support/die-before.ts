import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import pg from 'pg'

/**
 * Loaded before a program (`--import`), it ends that process as `kill -9` does just before the change of a folder or of a
 * database that DIE_BEFORE names: nothing is caught, nothing is released. Changes are told as they come.
 */
const { DIE_BEFORE: before, DIE_BELOW: below = '' } = process.env
const STATEMENT = /^\s*(begin|truncate|insert into "data_pipeline_tasks"|commit|analyze)/i // as a transaction goes on
const CHANGES = ['mkdir', 'rename', 'rm', 'rmdir', 'writeFile', 'link'] as const
const VARYING = /-\d{8}_\d{6}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g // stamps and ids

function come(change: string): void {
  process.stdout.write(`${change}\n`)
  if (change === before) process.kill(process.pid, 'SIGKILL')
}

function watch(holder: object, name: string): void {
  const original: unknown = Reflect.get(holder, name)
  if (typeof original !== 'function') return
  Reflect.set(holder, name, function watched(this: unknown, ...args: unknown[]) {
    const path = String(args[0])
    if (path.startsWith(`${below}/`)) come(`${name} ${basename(path).replaceAll(VARYING, '')}`)
    return Reflect.apply(original, this, args)
  })
}

for (const name of CHANGES) watch(fs.promises, name)
watch(fs, 'renameSync')
syncBuiltinESMExports()

const { query } = pg.Client.prototype
pg.Client.prototype.query = function watched(this: pg.Client, ...args: unknown[]) {
  const sql = typeof args[0] === 'string' ? args[0] : String(Reflect.get(Object(args[0]), 'text'))
  const statement = STATEMENT.exec(sql)?.[1]
  if (statement !== undefined) come(statement)
  return Reflect.apply(query, this, args)
} as typeof query
