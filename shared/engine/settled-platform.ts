import type { Platform } from '../platform/platform.ts'
import type { Fold } from './fold.ts'

// What reaches beyond this process, be it only to ask. Clock, chance and the sandbox do not.
const REACHING = new Set<string | symbol>([
  'store',
  'files',
  'queue',
  'deadLetters',
  'sources',
  'tableLists',
  'llm',
  'embedder',
  'mail',
])

/** The platform of a step that the store may not know yet: whatever reaches beyond this process waits until it does. */
export function settledPlatform(platform: Platform, fold: Fold): Platform {
  if (fold.settled) return platform
  return new Proxy(platform, {
    get(whole, name) {
      const port: unknown = Reflect.get(whole, name, whole)
      if (name === 'dispatch') return settling(platform.dispatch, platform, fold)
      return REACHING.has(name) && typeof port === 'object' && port !== null ? settledPort(port, fold) : port
    },
  })
}

function settledPort<Port extends object>(port: Port, fold: Fold): Port {
  return new Proxy(port, {
    get(whole, name) {
      const member: unknown = Reflect.get(whole, name, whole)
      return typeof member === 'function' ? settling(member as Call, whole, fold) : member
    },
  })
}

type Call = (...given: never[]) => Promise<unknown>

function settling(call: Call, port: object, fold: Fold) {
  return async (...given: unknown[]): Promise<unknown> => {
    await fold.settle()
    return await Reflect.apply(call, port, given)
  }
}
