import type { Embedder } from '../../../shared/platform/embedder.ts'
import { CONNECTION_SHARES } from '../../../shared/platform/envelope.ts'
import type { Llm } from '../../../shared/platform/llm.ts'
import type { Platform } from '../../../shared/platform/platform.ts'
import { PlatformLayer } from '../../../shared/platform/platform-layer.ts'
import type { Source, SourceRef, Sources } from '../../../shared/platform/source.ts'
import type { Invocation } from './invocation.ts'

/** Sources that tell of each connection they open and close. */
export interface WatchableSources extends Sources {
  watchedBy(onConnections: (change: 1 | -1) => void): Sources
}

/** The platform as one invocation sees it: what it connects to is counted, and refused once it has gone too far. */
export function watchedPlatform(platform: Platform, sources: WatchableSources, invocation: Invocation): Platform {
  return new WatchedPlatform(platform, sources, invocation)
}

class WatchedPlatform extends PlatformLayer {
  readonly #watchable: WatchableSources
  readonly #invocation: Invocation
  #calls: Calls | null = null
  #sources: Sources | null = null
  #llm: Llm | null = null
  #embedder: Embedder | null = null

  constructor(below: Platform, sources: WatchableSources, invocation: Invocation) {
    super(below)
    this.#watchable = sources
    this.#invocation = invocation
  }

  override get sources(): Sources {
    const invocation = this.#invocation
    this.#sources ??= refusing(
      this.#watchable.watchedBy((change) => invocation.connect(change)),
      invocation,
    )
    return this.#sources
  }

  override get llm(): Llm | null {
    const { llm } = this.below
    if (llm !== null) this.#llm ??= watchedLlm(llm, this.#counted)
    return this.#llm
  }

  override get embedder(): Embedder {
    this.#embedder ??= watchedEmbedder(this.below.embedder, this.#counted)
    return this.#embedder
  }

  override get stopping(): AbortSignal {
    return this.#invocation.stopping
  }

  /** One count for both kinds of model. */
  get #counted(): Calls {
    this.#calls ??= modelCalls(this.#invocation)
    return this.#calls
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
