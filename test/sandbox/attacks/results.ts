import { type Attack, bodies, scripts } from './attack.ts'

/** Results that are no outputs, and code that changes what makes the result. */
export const RESULTS: readonly Attack[] = [
  ...bodies('output_mismatch', {
    'nothing returned': '',
    'null returned': 'return null',
    'a number returned': 'return 1',
    'a text returned': 'return "{}"',
    'a list returned': 'return [1]',
    'a symbol returned': 'return Symbol("a")',
    'a function returned': 'return () => ({})',
    'a BigInt returned': 'return 1n',
    'a promise of nothing': 'return Promise.resolve()',
    'a toJSON that gives nothing': 'return { toJSON() {} }',
    'a toJSON that gives a text': 'return { toJSON: () => "a" }',
    'a boxed number': 'return new Number(1)',
    'a date': 'return new Date()',
    'a proxy of a list': 'return new Proxy([1], {})',
  }),
  ...bodies('result_not_json', {
    'lists that nothing can be put into':
      'Object.defineProperty(Object.prototype, "0", { get() { throw 1 } }); return { a: 1 }',
    'a cycle': 'const a = {}; a.a = a; return a',
    'a cycle over a list': 'const a = { b: [] }; a.b.push(a); return a',
    'a BigInt within': 'return { a: [1n] }',
    'not a number': 'return { a: 0 / 0 }',
    infinity: 'return { a: 1 / 0 }',
    'infinity in a list': 'return { a: [1, -1 / 0] }',
    'a function in a list': 'return { a: [() => 1] }',
    'a symbol in a list': 'return { a: [Symbol("a")] }',
    'a prototype as a key': 'return { ["__proto__"]: { admin: true } }',
    'a prototype from JSON': 'return JSON.parse(\'{"a": [{"__proto__": {"admin": true}}]}\')',
    'a getter that throws': 'return { get a() { throw new Error("no") } }',
    'a toJSON that throws': 'return { toJSON() { throw new Error("no") } }',
    'a proxy whose keys throw': 'return new Proxy({}, { ownKeys() { throw new Error("no") } })',
    'a revoked proxy returned': 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return { a: proxy }',
    'a prototype that can not be written': 'Object.prototype.toJSON = () => { throw 1 }; return { a: 1 }',
  }),
  ...bodies(
    'result_too_large',
    {
      'a text of two hundred thousand': 'return { a: "x".repeat(2e5) }',
      'a list of fifty thousand': 'return { a: new Array(5e4).fill(100) }',
      'a text that grows in JSON': 'return { a: "\\u0001".repeat(2e4) }',
      'a text that grows in UTF-8': 'return { a: "\\u4e2d".repeat(4e4) }',
      'a toJSON that grows': 'return { toJSON: () => ({ a: "x".repeat(2e5) }) }',
    },
    { result_bytes: 100_000 },
  ),
  ...bodies('result_too_deep', {
    'lists in lists': 'let a = []; for (let i = 0; i < 300; i++) a = [a]; return { a }',
    'objects nested in objects': 'let a = {}; for (let i = 0; i < 300; i++) a = { a }; return a',
    'a proxy that nests for a while':
      'let n = 0; const p = () => new Proxy({}, { ownKeys: () => ["a"], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }), get: (t, k) => (k === "a" && n++ < 200 ? p() : undefined) }); return { a: p() }',
  }),
  ...bodies('never_settles', {
    'a promise without an end': 'return new Promise(() => {})',
    'an await of nothing to come': 'return (async () => { await new Promise(() => {}) })()',
    'a thenable that never calls': 'return { then() {} }',
    'a race of nobody': 'return Promise.race([])',
    'promises that wait for each other':
      'let b; const a = new Promise((ok) => { b = ok }); const c = a.then(() => c2); const c2 = c.then(() => c); return c2',
    'a then that is taken away': 'Promise.prototype.then = () => {}; return { then() {} }',
  }),
  ...bodies('{"a":"\\ud800"}', { 'half a character': 'return { a: "\\ud800" }' }),
  ...bodies('{"a":"\\u0000b"}', { 'a zero in a text': 'return { a: "\\0b" }' }),
  ...bodies('{}', {
    'a function within': 'return { a: () => 1 }',
    'a symbol within': 'return { a: Symbol("a") }',
    'nothing within': 'return { a: undefined }',
    'a symbol as a key': 'return { [Symbol("a")]: 1 }',
    'a Map': 'return new Map([[1, 2]])',
    'an error': 'return new Error("a")',
    'a regular expression': 'return /a/',
  }),
  // Whatever the code does to what it was given: the result is made by what the sandbox kept beforehand.
  ...bodies('{"a":1}', {
    'another JSON.stringify': 'JSON.stringify = () => "{}"; return { a: 1 }',
    'another JSON.parse': 'JSON.parse = () => null; return { a: 1 }',
    'no JSON': 'globalThis.JSON = null; delete globalThis.JSON; return { a: 1 }',
    'another Promise': 'globalThis.Promise = class { then() {} }; return { a: 1 }',
    'another then': 'Promise.prototype.then = function () { for (;;) {} }; return { a: 1 }',
    'another catch': 'Promise.prototype.catch = () => null; Promise.resolve = () => null; return { a: 1 }',
    'another constructor of promises':
      'Object.defineProperty(Promise.prototype, "constructor", { get() { for (;;) {} } }); return { a: 1 }',
    'another Array': 'globalThis.Array = null; Array.prototype; return { a: 1 }'.replace('Array.prototype; ', ''),
    'another iterator of lists': 'Array.prototype[Symbol.iterator] = () => { for (;;) {} }; return { a: 1 }',
    'another String': 'globalThis.String = () => "x"; String.prototype; return { a: 1 }',
    'another includes':
      'String.prototype.includes = () => { for (;;) {} }; String.prototype.slice = null; return { a: 1 }',
    'another Number': 'Number.isFinite = () => false; globalThis.isFinite = () => false; return { a: 1 }',
    'another Reflect': 'Reflect.apply = () => null; globalThis.Reflect = null; return { a: 1 }',
    'another Object': 'globalThis.Object = null; return { a: 1 }',
    'another Error': 'globalThis.Error = null; return { a: 1 }',
    'another console': 'console.log = null; globalThis.console = null; return { a: 1 }',
    'another main': 'globalThis.main = () => ({ a: 2 }); return { a: 1 }',
    'another globalThis': 'Object.defineProperty(globalThis, "globalThis", { value: null }); return { a: 1 }',
    'another prototype of the global':
      'try { Object.setPrototypeOf(globalThis, new Proxy({}, {})) } catch {}; return { a: 1 }',
    'getters on the prototype of all':
      'for (const k of ["kind", "name", "message", "stack", "key", "what", "toString"]) Object.defineProperty(Object.prototype, k, { get() { throw 1 }, set() { throw 1 }, configurable: true }); return { a: 1 }',
    'a walk of all intrinsics that breaks each function':
      'const seen = new Set(), go = (o) => { if (o === null || (typeof o !== "object" && typeof o !== "function") || seen.has(o)) return; seen.add(o); const keys = Reflect.ownKeys(o); for (let i = 0; i < keys.length; i++) { const k = keys[i], d = Reflect.getOwnPropertyDescriptor(o, k); if (d && "value" in d) { go(d.value); if (typeof d.value === "function" && d.writable && k !== "constructor") try { o[k] = () => { throw 1 } } catch {} } } }; go(globalThis.JSON); go(globalThis.Array.prototype); go(globalThis.String.prototype); go(globalThis.Promise.prototype); return { a: 1 }',
    'a frozen prototype of all':
      'Object.freeze(Object.prototype); Object.freeze(Array.prototype); Object.freeze(Function.prototype); return { a: 1 }',
    'no prototype of functions':
      'Function.prototype.call = null; Function.prototype.apply = null; Function.prototype.bind = null; return { a: 1 }',
    'a flood of warnings': 'for (let i = 0; i < 500; i++) console.warn("x".repeat(3000), i); return { a: 1 }',
    'logs of what can not be shown':
      'console.log(new Proxy({}, { get() { throw 1 } }), Symbol("a"), 1n, () => 1, undefined, NaN, Object.create(null)); const c = {}; c.c = c; console.error(c); return { a: 1 }',
    'a log of a million characters': 'console.log("x".repeat(1e6)); return { a: 1 }',
  }),
  ...scripts('{"a":1}', {
    'JSON taken away at the top':
      'const { stringify } = JSON; JSON.stringify = JSON.parse = null; function main() { return { a: 1 } }',
    'Promise taken away at the top': 'Promise = null; async function main() { return { a: 1 } }',
    'a main by const': 'const main = () => ({ a: 1 })',
    'a main by let, later': 'let main; main = async () => ({ a: 1 })',
    'a main that is a method': 'var main = { main() { return { a: 1 } } }.main',
  }),
]
