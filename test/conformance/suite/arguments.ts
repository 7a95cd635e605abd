import { parseArgs } from 'node:util'
import type { TargetName } from '../target.ts'

export const TARGET_NAMES: readonly TargetName[] = ['local', 'workerd', 'lambda', 'container']

export const USAGE = `npm run conform -- --target local|workerd|lambda|container|all [options]

  --target <name>     the platform to prove; several times for several; all by default
  --case <text>       only cases whose subject or name contains the text
  --source <where>    the Chinook database: a postgres:// URL, or a file .sql or .sql.gz;
                      by default the database "chinook" of the test server, if it is there
  --json              one JSON object on stdout instead of lines for people
  --write-readme      record this run in results.json, and put the matrix of all runs recorded there into
                      README.md and README.zh-CN.md
  --help              show this
`

export interface Arguments {
  readonly targets: readonly TargetName[]
  /** Whether the targets were named, rather than all of them meant. */
  readonly named: boolean
  readonly only: string | null
  readonly source: string | null
  readonly json: boolean
  readonly writeReadme: boolean
  readonly help: boolean
}

/** Reads the command line. @throws {Error} in words for whoever typed it */
export function readArguments(given: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...given],
    options: {
      target: { type: 'string', multiple: true },
      case: { type: 'string' },
      source: { type: 'string' },
      json: { type: 'boolean', default: false },
      'write-readme': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const asked = values.target ?? []
  const unknown = asked.find((name) => name !== 'all' && !isTargetName(name))
  if (unknown !== undefined) throw new Error(`There is no target "${unknown}": ${TARGET_NAMES.join(', ')} or all`)
  const named = asked.length > 0 && !asked.includes('all')
  if (values.case !== undefined && values['write-readme']) throw new Error('--write-readme publishes whole runs only')
  return {
    targets: named ? TARGET_NAMES.filter((name) => asked.includes(name)) : TARGET_NAMES,
    named,
    only: values.case ?? null,
    source: values.source ?? null,
    json: values.json,
    writeReadme: values['write-readme'],
    help: values.help,
  }
}

function isTargetName(name: string): name is TargetName {
  return TARGET_NAMES.some((known) => known === name)
}
