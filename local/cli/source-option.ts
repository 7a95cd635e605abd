import { maskUrl } from '../../shared/platform/mask.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure } from './failure.ts'

/** What `--source` says: a configured name, or a database that is known for this run only. */
export type ChosenSource =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'url'; readonly name: string; readonly url: string; readonly shown: string }

const URL_START = /^[a-z][a-z0-9+.-]*:\/\//i

/**
 * Reads `--source`. A database given by URL is named after itself, in the characters that a name of a source may have.
 * @throws {CliFailure} for a URL that is none of Postgres or names no database
 */
export function chooseSource(value: string): ChosenSource {
  if (!URL_START.test(value)) return { kind: 'name', name: value.toLowerCase() }
  const isPostgres = /^postgres(ql)?:\/\//i.test(value) && URL.canParse(value)
  const database = isPostgres ? databaseOf(new URL(value)) : ''
  if (database === '') {
    throw new CliFailure(EXIT.usage, 'invalid_source', 'The URL of --source does not name a Postgres database', {
      hint: 'Write postgres://user:password@host:5432/database',
    })
  }
  const name = database.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '_')
  return { kind: 'url', name, url: value, shown: String(maskUrl(value)) }
}

/** The sources that a runner in this process is given for this run. */
export function sourcesOf(source: ChosenSource | null): Readonly<Record<string, string>> {
  return source?.kind === 'url' ? { [source.name]: source.url } : {}
}

/** How the person has to give the same source again. A password is not repeated on the screen. */
export function sourceArguments(source: ChosenSource | null): string[] {
  return source?.kind === 'url' ? ['--source', source.shown] : []
}

function databaseOf({ pathname, searchParams }: URL): string {
  try {
    return searchParams.get('dbname') ?? decodeURIComponent(pathname.slice(1))
  } catch {
    return ''
  }
}
