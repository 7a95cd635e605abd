import { type Random, seededRandom } from '../../../shared/platform/random.ts'
import type { Attack } from './attack.ts'

type Wrap = (code: string, pick: () => Attack) => string

// Each makes other code of an attack that has the same end in view. `main` of the attack becomes `inner`.
const renamed = (code: string) => code.replaceAll(/\bmain\b/g, 'inner')
const WRAPS: Readonly<Record<string, Wrap>> = {
  'made async': (code) => `${renamed(code)}\nasync function main(inputs) { return await inner(inputs) }`,
  'after a microtask': (code) => `${renamed(code)}\nasync function main(inputs) { await null; return inner(inputs) }`,
  'in a then': (code) => `${renamed(code)}\nfunction main(inputs) { return Promise.resolve(inputs).then(inner) }`,
  'caught and tried again': (code) =>
    `${renamed(code)}\nfunction main(inputs) { for (;;) try { return inner(inputs) } catch { } }`,
  'with a finally': (code) =>
    `${renamed(code)}\nfunction main(inputs) { try { return inner(inputs) } finally { inner(inputs) } }`,
  'in a getter of the result': (code) =>
    `${renamed(code)}\nfunction main(inputs) { return { get a() { return inner(inputs) } } }`,
  'in a toJSON': (code) => `${renamed(code)}\nfunction main(inputs) { return { toJSON() { return inner(inputs) } } }`,
  'in a toString': (code) =>
    `${renamed(code)}\nfunction main(inputs) { return { a: String({ toString: () => inner(inputs) }) } }`,
  'in a sort': (code) => `${renamed(code)}\nfunction main(inputs) { [2, 1, 3].sort(() => inner(inputs)); return {} }`,
  'in a generator': (code) =>
    `${renamed(code)}\nfunction main(inputs) { function* g() { yield inner(inputs) }; return [...g()][0] }`,
  'in a proxy': (code) =>
    `${renamed(code)}\nfunction main(inputs) { return new Proxy({}, { get: () => inner(inputs), ownKeys: () => inner(inputs) }) }`,
  'at the top level': (code) => `${renamed(code)}\nconst early = inner({ a: 1 }); function main() { return early }`,
  'thrown as a message': (code) =>
    `${renamed(code)}\nfunction main(inputs) { throw { get message() { return inner(inputs) } } }`,
  logged: (code) =>
    `${renamed(code)}\nfunction main(inputs) { console.log({ toJSON: () => inner(inputs) }); return inner(inputs) }`,
  'in deep calls': (code) =>
    `${renamed(code)}\nfunction main(inputs) { const deeper = (n) => (n === 0 ? inner(inputs) : deeper(n - 1)); return deeper(60) }`,
  'after another one': (code, pick) =>
    `{ ${renamed(pick().code)}\nglobalThis.first = inner }\n${renamed(code)}\nfunction main(inputs) { try { first(inputs) } catch { } return inner(inputs) }`,
  'beside microtasks without an end': (code) =>
    `${renamed(code)}\nconst go = () => { Promise.resolve().then(go) }; go(); async function main(inputs) { await null; return inner(inputs) }`,
  'in a constructor': (code) =>
    `${renamed(code)}\nfunction main(inputs) { class A { a = inner(inputs) }; return new A() }`,
  'in a reduce over inputs': (code) =>
    `${renamed(code)}\nfunction main(inputs) { return Object.keys(inputs).reduce(() => inner(inputs), {}) }`,
  'with broken prototypes': (code) =>
    `Object.prototype.toJSON = undefined; Array.prototype.push = null; Promise.prototype.then = () => {};\n${code}`,
}

/** So many variants, always the same ones, each once. */
export function variantsOf(attacks: readonly Attack[], count: number): Attack[] {
  const random = seededRandom(6)
  const variants = new Map<string, Attack>()
  while (variants.size < count) {
    const attack = oneOf(attacks, random)
    const [how, wrap] = oneOf(Object.entries(WRAPS), random)
    const code = wrap(attack.code, () => oneOf(attacks, random))
    if (code.length < 100_000) variants.set(code, { ...attack, name: `${attack.name}, ${how}`, code })
  }
  return [...variants.values()]
}

function oneOf<T>(all: readonly T[], random: Random): T {
  const one = all[Math.floor(random() * all.length)]
  if (one === undefined) throw new Error('There is nothing to choose from')
  return one
}
