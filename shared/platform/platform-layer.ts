import type { Platform } from './platform.ts'

/**
 * A platform laid over another one, for a call: what it does not say itself is the other's, asked anew each time. All
 * layers of a kind have one form, which compiled code knows, and none copies what most calls never ask for. To change a
 * port, lay another layer over it: `{ ...layer }` would hold none of them.
 */
export class PlatformLayer implements Platform {
  protected readonly below: Platform

  constructor(below: Platform) {
    this.below = below
  }

  get config(): Platform['config'] {
    return this.below.config
  }

  get store(): Platform['store'] {
    return this.below.store
  }

  get sources(): Platform['sources'] {
    return this.below.sources
  }

  get queue(): Platform['queue'] {
    return this.below.queue
  }

  get deadLetters(): Platform['deadLetters'] {
    return this.below.deadLetters
  }

  get files(): Platform['files'] {
    return this.below.files
  }

  get tableLists(): Platform['tableLists'] {
    return this.below.tableLists
  }

  get clock(): Platform['clock'] {
    return this.below.clock
  }

  get random(): Platform['random'] {
    return this.below.random
  }

  get log(): Platform['log'] {
    return this.below.log
  }

  get trace(): Platform['trace'] {
    return this.below.trace
  }

  get machine(): Platform['machine'] {
    return this.below.machine
  }

  get requests(): Platform['requests'] {
    return this.below.requests
  }

  get mail(): Platform['mail'] {
    return this.below.mail
  }

  get secrets(): Platform['secrets'] {
    return this.below.secrets
  }

  get llm(): Platform['llm'] {
    return this.below.llm
  }

  get embedder(): Platform['embedder'] {
    return this.below.embedder
  }

  get sqlParser(): Platform['sqlParser'] {
    return this.below.sqlParser
  }

  get sandbox(): Platform['sandbox'] {
    return this.below.sandbox
  }

  get defer(): Platform['defer'] {
    return this.below.defer
  }

  get dispatch(): Platform['dispatch'] {
    return this.below.dispatch
  }

  get takesSteps(): Platform['takesSteps'] {
    return this.below.takesSteps
  }

  get restart(): Platform['restart'] {
    return this.below.restart
  }

  get workerId(): Platform['workerId'] {
    return this.below.workerId
  }

  get claims(): Platform['claims'] {
    return this.below.claims
  }

  get deadline(): Platform['deadline'] {
    return this.below.deadline
  }

  get stopping(): Platform['stopping'] {
    return this.below.stopping
  }
}

/** All that a platform holds, but for `stopping`, which is asked anew each time: for a copy with something else in it. */
export function contentsOf(platform: Platform): Omit<Platform, 'stopping'> {
  const names = Object.getOwnPropertyNames(PlatformLayer.prototype) as (keyof Platform | 'constructor')[]
  const contents = names
    .filter((name) => name !== 'constructor' && name !== 'stopping')
    .map((name) => [name, platform[name]] as const)
  return Object.fromEntries(contents) as unknown as Omit<Platform, 'stopping'>
}
