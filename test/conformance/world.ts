import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scriptedOpenAi } from '../support/scripted-openai.ts'
import { tinyVector } from '../support/tiny-embedder.ts'
import type { World } from './target.ts'
import { Closing } from './world/closing.ts'
import { makeGiven, makeSample, makeSlow, makeStore, type Place } from './world/databases.ts'
import { findServer } from './world/server-databases.ts'
import type { GivenSource } from './world/source-option.ts'

/** What the suite opened, and what only the suite itself is to know of it. */
export interface OpenWorld extends AsyncDisposable {
  readonly world: World
  /** Planted texts by what they are: none of them may be seen again in a log, an answer or a file. */
  readonly planted: Readonly<Record<string, string>>
  /** Why the case on a given database can't run; null when it can. */
  readonly givenMissing: string | null
  /** For the report: where the store is. */
  readonly store: 'server' | 'embedded'
}

/** The sources of every world, by the name under which a target configures them. */
export const SOURCES = { sample: 'highway', given: 'chinook', slow: 'slow', broken: 'broken' } as const

const CLOSED_PORT = 1 // tcpmux: nobody listens there, so connecting is refused at once

/** Opens the services that a target is lent. Everything is on loopback and goes away with it. */
export async function openWorld(given: GivenSource | null): Promise<OpenWorld> {
  const closing = new Closing()
  try {
    return { ...(await openIn(closing, given)), [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose]() }
  } catch (error) {
    await closing[Symbol.asyncDispose]()
    throw error
  }
}

async function openIn(closing: Closing, given: GivenSource | null): Promise<Omit<OpenWorld, keyof AsyncDisposable>> {
  const scratch = await mkdtemp(join(tmpdir(), 'helix-conformance-'))
  closing.defer(() => rm(scratch, { recursive: true, force: true }))
  const server = await findServer()
  const place: Place = { server, scratch, closing }
  const planted = plant()
  // One after the other: what has been opened is closed again when the next one fails.
  const storeUrl = await makeStore(place, planted.storePassword)
  const sample = await makeSample(place, planted.sourcePassword)
  const slow = await makeSlow(place, planted.sourcePassword)
  const chinook = await makeGiven(place, given, planted.sourcePassword)
  const endpoint = closing.use(await scriptedOpenAi([{ kind: 'embeddings', vectorOf: tinyVector }]))
  return {
    world: {
      storeUrl,
      sources: {
        [SOURCES.sample]: sample,
        [SOURCES.slow]: slow,
        [SOURCES.broken]: `postgres://helix:${planted.brokenPassword}@127.0.0.1:${CLOSED_PORT}/none`,
        ...(chinook === null ? {} : { [SOURCES.given]: chinook }),
      },
      settings: {
        HELIX_LOG_LEVEL: 'debug',
        HELIX_SLICE_SECONDS: '6', // less than the slow source needs
        HELIX_SECRET_KEY: planted.secretKey,
        HELIX_LLM_API_KEY: planted.llmKey,
        HELIX_EMBEDDING_BASE_URL: endpoint.url,
        HELIX_EMBEDDING_MODEL: 'tiny',
        HELIX_EMBEDDING_API_KEY: planted.embeddingKey,
      },
      scratch,
    },
    planted,
    givenMissing: chinook === null ? 'no Chinook at hand: give it with --source' : null,
    store: server?.pgvector === true ? 'server' : 'embedded',
  }
}

function plant() {
  const secret = () => `planted${randomBytes(12).toString('hex')}`
  return {
    storePassword: secret(),
    sourcePassword: secret(),
    brokenPassword: secret(),
    secretKey: secret(),
    llmKey: secret(),
    embeddingKey: secret(),
  }
}
