// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the attacks themselves
import { type Attack, bodies, scripts } from './attack.ts'

/** Code that takes memory until there is none. */
const MEMORY: readonly Attack[] = bodies(
  'sandbox_memory',
  {
    'a list that grows': 'const a = []; for (;;) a.push(new Array(1000).fill(1))',
    'a text that doubles': 'let t = "ab"; for (;;) { t += t; t.charCodeAt(t.length - 1) }',
    'a list that doubles': 'let a = [1]; for (;;) a = a.concat(a)',
    'one buffer that is too large': 'return { a: new ArrayBuffer(2 ** 30).byteLength }',
    'many buffers': 'const a = []; for (;;) a.push(new Uint8Array(1e6))',
    'a filled list of a hundred million': 'new Array(1e8).fill(0)',
    'objects in objects': 'let o = {}; for (;;) o = { o, a: [1, 2, 3, 4, 5, 6, 7, 8] }',
    'a Map that grows': 'const m = new Map(); for (let i = 0; ; i++) m.set(i, "x".repeat(500) + i)',
    'a Set that grows': 'const s = new Set(); for (let i = 0; ; i++) s.add("x".repeat(500) + i)',
    'closures that hold lists': 'const f = []; for (;;) { const a = new Array(500).fill(1); f.push(() => a) }',
    'promises that are never forgotten': 'const p = []; for (;;) p.push(new Promise(() => {}), new Array(300).fill(1))',
    'microtasks that pile up': 'for (;;) Promise.resolve(new Array(500).fill(1)).then((a) => a)',
    'a list in JSON': 'JSON.parse("[" + "[1,2,3,4,5,6,7,8],".repeat(1e6) + "1]")',
    'repeat of a long text': 'const a = []; for (let i = 0; ; i++) a.push("abcdefgh".repeat(1e5) + i)',
    'split into letters': 'const a = []; for (;;) a.push("ab".repeat(1e5).split(""))',
    'a getter that hoards': 'const a = []; return { get b() { for (;;) a.push(new Array(1000).fill(1)) } }',
    'a toJSON that hoards': 'const a = []; return { toJSON() { for (;;) a.push(new Array(1000).fill(1)) } }',
    'a catch of what can not be had': 'const a = []; for (;;) try { a.push(new Uint8Array(1e7)) } catch {}',
    'a generator that hoards':
      'const a = []; function* all() { for (;;) yield new Array(1000).fill(1) }; for (const x of all()) a.push(x)',
    'matches of a regular expression': 'const a = []; for (;;) a.push("ab".repeat(50000).match(/./g))',
    'numbers as texts': 'const o = {}; for (let i = 0; ; i++) o["k" + i] = "v" + i + "x".repeat(200)',
    'a typed list that grows from a list': 'const a = []; for (;;) a.push(Float64Array.from({ length: 1e5 }))',
    'BigInts that are kept': 'const a = []; for (let n = 7n ** 20000n; ; n++) a.push(n * 3n)',
    'errors with traces': 'const a = []; for (;;) a.push(new Error("x".repeat(1000)), new Array(100).fill(0))',
  },
  { memory_bytes: 8 * 1024 * 1024 },
)

/** Code that nests calls until the stack is full. */
const STACK: readonly Attack[] = [
  ...bodies('sandbox_stack', {
    'a function that calls itself': 'const f = () => f() + 1; f()',
    'two functions that call each other': 'const f = () => g() + 1, g = () => f() + 1; f()',
    'a getter that reads itself': 'const o = { get a() { return this.a + 1 } }; o.a',
    'a setter that sets itself': 'const o = { set a(v) { this.a = v } }; o.a = 1',
    'a toString that asks itself': 'const o = { toString() { return `${this}a` } }; `${o}`',
    'a valueOf that asks itself': 'const o = { valueOf() { return +this + 1 } }; +o',
    'a toJSON that writes itself': 'const o = { toJSON() { return JSON.stringify(this) } }; return o',
    'a proxy of itself': 'const h = {}; const p = new Proxy({}, h); h.get = (t, k, r) => r[k] + 1; p.a',
    'a proxy as its own prototype': 'const h = {}; const p = new Proxy({}, h); Object.setPrototypeOf(h, p); p.a',
    'a constructor that makes itself': 'class A { constructor() { this.a = new A() } }; new A()',
    'a replacer that replaces': 'const f = () => "a".replace(/a/, f); f()',
    'a comparator that sorts': 'const f = () => [2, 1].sort(f); f()',
    'a mapper that maps': 'const f = () => [1].map(f); f()',
    'a reviver that parses': 'const f = () => JSON.parse("[1]", f); f()',
    'a generator that opens itself': 'function* g() { yield* g() }; for (const x of g()) {}',
    'an async function that calls itself': 'const f = async () => { await f() }; return f()',
    'apply upon apply': 'const f = () => Reflect.apply(f, null, []) + 1; f()',
    'proxies upon proxies': 'let p = {}; for (let i = 0; i < 2e4; i++) p = new Proxy(p, {}); p.a',
    'a catch that calls again': 'const f = () => { try { f() } catch { f() } }; f()',
    'a finally that calls again': 'const f = () => { try { f() } finally { f() } }; f()',
    'many arguments at each call': 'const f = (...a) => f(...a, 1) + 1; f(...Array(100).fill(1))',
    'a tail of spreads': 'const f = (a) => f([...a, 1]) + 1; f([])',
    'Symbol.toPrimitive that converts': 'const o = { [Symbol.toPrimitive]() { return +o + 1 } }; +o',
    'instanceof that asks itself': 'const o = { [Symbol.hasInstance](v) { return v instanceof o } }; ({}) instanceof o',
    'an iterator that iterates itself':
      'const o = { [Symbol.iterator]() { return [...o][Symbol.iterator]() } }; [...o]',
    'a list nested deeply, as text': 'let a = []; for (let i = 0; i < 1e5; i++) a = [a]; String(a)',
    'a list nested deeply, flattened': 'let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.flat(Infinity)',
    'JSON nested deeply': 'JSON.parse("[".repeat(1e5) + "]".repeat(1e5))',
    'a regular expression of nested groups': 'new RegExp("(?:".repeat(1e5) + ")".repeat(1e5))',
  }),
  // Which limit is met first is of no consequence.
  ...bodies(['sandbox_stack', 'sandbox_memory', 'sandbox_timeout'], {
    'bind upon bind': 'let f = () => 1; for (let i = 0; i < 1e6; i++) f = f.bind(null); f()',
    'an object nested deeply, returned': 'let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return o',
    'an object nested deeply, logged': 'let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; console.log(o)',
  }),
  ...scripts('sandbox_stack', {
    'a main that calls itself': 'function main() { return main() }',
    'code of nested brackets': `function main() { return { a: ${'['.repeat(20000)}${']'.repeat(20000)} } }`,
    'code of nested parentheses': `function main() { return { a: ${'('.repeat(20000)}1${')'.repeat(20000)} } }`,
    'code of nested functions': `function main() { return ${'() => '.repeat(20000)} 1 }`,
    'code of nested blocks': `function main() { ${'{'.repeat(20000)}${'}'.repeat(20000)} return {} }`,
    'code of many minus signs': `function main() { return { a: ${'- '.repeat(20000)}1 } }`,
    'code of nested conditions': `function main() { return { a: ${'1 ? '.repeat(20000)}1${' : 1'.repeat(20000)} } }`,
    'code of nested templates': `function main() { return { a: ${'`${'.repeat(5000)}1${'}`'.repeat(5000)} } }`,
  }),
]

export const BOMBS: readonly Attack[] = [...MEMORY, ...STACK]
