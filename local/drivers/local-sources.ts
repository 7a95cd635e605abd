import type { Config } from '../../shared/platform/config.ts'
import { sourceConnections } from '../../shared/platform/envelope.ts'
import { type ConnectOptions, openPostgresSource } from '../../shared/platform/postgres-source.ts'
import { Problem } from '../../shared/platform/problems.ts'
import type { Source, SourceSummary, Sources } from '../../shared/platform/source.ts'
import { openSample, SAMPLE_NAME, SAMPLE_TABLES } from '../samples/highway/sample.ts'

export interface LocalSources extends Sources {
  /** The same sources, telling of each connection that is opened or closed through them. */
  watchedBy(onConnections: (change: 1 | -1) => void): Sources
  /** The text of the bundled table list of that name: all tables of the sample, while it is in use. */
  tableList(name: string): string | null
  /** Closes the sample. Other sources are closed by whoever opened them. */
  close(): Promise<void>
}

export interface LocalSourcesOptions {
  readonly config: Pick<Config, 'sources' | 'HELIX_LLM_BASE_URL'>
  /** Where the sample's database is kept. */
  readonly dataDir: string
  /** The bundled sample, opened in a data directory. */
  readonly openSample?: (dataDir: string) => Promise<Source>
}

const SAMPLE_TABLE_LIST = 'tables.txt' // the name that a task asks for by default

/** The configured business databases; where there are none, the bundled sample, made on first use. */
export function localSources(options: LocalSourcesOptions): LocalSources {
  const { sources } = options.config
  const usesSample = Object.keys(sources).length === 0
  const sample = sharedSample(() => (options.openSample ?? openSample)(options.dataDir))
  const connectionsMax = sourceConnections(options.config)
  const watchedBy = (onConnections: (change: 1 | -1) => void): Sources => ({
    list: () =>
      usesSample
        ? [{ name: SAMPLE_NAME, kind: 'sample', address: `embedded/${SAMPLE_NAME}` }]
        : Object.entries(sources).map(([name, url]) => summary(name, url)),
    async open({ name, url }) {
      const found = url ?? sources[name] ?? sources[name.toLowerCase()]
      if (found !== undefined) {
        return await openPostgresSource(name, found, { connectionsMax, onConnect: telling(onConnections) })
      }
      if (usesSample && name === SAMPLE_NAME) return lent(await sample.open(), onConnections)
      const known = usesSample ? [SAMPLE_NAME] : Object.keys(sources)
      throw new Problem('source_not_found', `There is no source "${name}"`, {
        hint: `Configured are: ${known.join(', ')}. Add another one as HELIX_SOURCE_<NAME>_URL`,
      })
    },
  })
  return {
    ...watchedBy(() => undefined),
    watchedBy,
    tableList: (name) => (usesSample && name === SAMPLE_TABLE_LIST ? `${SAMPLE_TABLES.join('\n')}\n` : null),
    close: () => sample.close(),
  }
}

function telling(onConnections: (change: 1 | -1) => void): NonNullable<ConnectOptions['onConnect']> {
  return (connection) => {
    onConnections(1)
    connection.once('end', () => onConnections(-1))
  }
}

/** The shared sample as one that opened it has it: closed for nobody else when it is disposed of. */
function lent(source: Source, onConnections: (change: 1 | -1) => void): Source {
  onConnections(1)
  return { ...source, [Symbol.asyncDispose]: async () => onConnections(-1) }
}

/** An embedded database can be open once only, so everybody gets the same one, and nobody but the end closes it. */
function sharedSample(open: () => Promise<Source>): { open(): Promise<Source>; close(): Promise<void> } {
  let opened: Promise<Source> | null = null
  return {
    async open() {
      opened ??= open()
      try {
        return await opened
      } catch (error) {
        opened = null // another try may succeed
        throw error
      }
    },
    async close() {
      const source = await opened?.catch(() => null)
      opened = null
      await source?.[Symbol.asyncDispose]()
    },
  }
}

/** Says where a source is without anything that a URL may hold besides. */
function summary(name: string, url: string): SourceSummary {
  const { hostname, port, pathname, searchParams } = new URL(url)
  const host = hostname === '' ? (searchParams.get('host') ?? 'localhost') : hostname
  return { name, kind: 'server', address: `${host}:${port === '' ? '5432' : port}${decodeURIComponent(pathname)}` }
}
