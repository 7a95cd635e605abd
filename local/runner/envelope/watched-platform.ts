import type { Embedder } from '../../../shared/platform/embedder.ts'
import { CONNECTION_SHARES } from '../../../shared/platform/envelope.ts'
import type { Llm } from '../../../shared/platform/llm.ts'
import type { Platform } from '../../../shared/platform/platform.ts'
import type { Source, SourceRef, Sources } from '../../../shared/platform/source.ts'
import type { Invocation } from './invocation.ts'

/** Sources that tell of each connection they open and close. */
export interface WatchableSources extends Sources {
  watchedBy(onConnections: (change: 1 | -1) => void): Sources
}

/** The platform as one invocation sees it: what it connects to is counted, and refused once it has gone too far. */
export function watchedPlatform(platform: Platform, sources: WatchableSources, invocation: Invocation): Platform {
  const calls = modelCalls(invocation)
  const { stopping: _, ...rest } = platform
  return Object.assign(new Stoppable(invocation), rest, {
    sources: refusing(
      sources.watchedBy((change) => invocation.connect(change)),
      invocation,
    ),
    llm: platform.llm === null ? null : watchedLlm(platform.llm, calls),
    embedder: watchedEmbedder(platform.embedder, calls),
  })
}

/** Asked anew each time. A getter in a literal would give each platform a form of its own, which no compiled code knows. */
class Stoppable {
  readonly #invocation: Invocation

  constructor(invocation: Invocation) {
    this.#invocation = invocation
  }

  get stopping(): AbortSignal {
    return this.#invocation.stopping
  }
}

function refusing(sources: Sources, invocation: Invocation): Sources {
  return {
    list: () => sources.list(),
    async open(ref: SourceRef): Promise<Source> {
      invocation.assertWithin()
      const source = await sources.open(ref)
      try {
        invocation.assertWithin()
        return source
      } catch (problem) {
        await source[Symbol.asyncDispose]()
        throw problem
      }
    },
  }
}

type Calls = <T>(work: () => Promise<T>) => Promise<T>

/** A model's port lets so many calls through at once, however many are asked of it; the embedded model counts like one. */
function modelCalls(invocation: Invocation): Calls {
  let waiting = 0
  return async (work) => {
    invocation.assertWithin()
    waiting += 1
    if (waiting <= CONNECTION_SHARES.model) invocation.connect(1)
    try {
      invocation.assertWithin()
      return await work()
    } finally {
      if (waiting <= CONNECTION_SHARES.model) invocation.connect(-1)
      waiting -= 1
    }
  }
}

function watchedLlm(llm: Llm, calls: Calls): Llm {
  return { model: llm.model, complete: (request) => calls(() => llm.complete(request)) }
}

function watchedEmbedder(embedder: Embedder, calls: Calls): Embedder {
  return {
    model: embedder.model,
    get dimension() {
      return embedder.dimension
    },
    embed: (texts, signal) => calls(() => embedder.embed(texts, signal)),
  }
}
