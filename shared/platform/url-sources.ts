import type { Config } from './config.ts'
import { sourceConnections } from './envelope.ts'
import { openPostgresSource } from './postgres-source.ts'
import { Problem } from './problems.ts'
import type { SourceSummary, Sources } from './source.ts'

/**
 * The configured business databases. There is no bundled sample where nothing can be kept on a disk.
 * @param onConnect called for each connection that is made
 */
export function urlSources(config: Pick<Config, 'sources' | 'HELIX_LLM_BASE_URL'>, onConnect?: () => void): Sources {
  const { sources } = config
  const options = { connectionsMax: sourceConnections(config), onConnect }
  return {
    list: () => Object.entries(sources).map(([name, url]) => summary(name, url)),
    async open({ name, url }) {
      const found = url ?? sources[name.toLowerCase()]
      if (found !== undefined) return await openPostgresSource(name, found, options)
      throw new Problem('source_not_found', `There is no source "${name}"`, {
        hint: `Configured are: ${Object.keys(sources).join(', ') || 'none'}. Add another one as HELIX_SOURCE_<NAME>_URL`,
      })
    },
  }
}

function summary(name: string, url: string): SourceSummary {
  const { hostname, port, pathname } = new URL(url)
  return { name, kind: 'server', address: `${hostname}:${port || '5432'}${decodeURIComponent(pathname)}` }
}
