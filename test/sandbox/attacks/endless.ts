// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the attacks themselves
import { type Attack, bodies, scripts } from './attack.ts'

/** Code that never ends by itself, in each way that JavaScript has of going on. */
export const ENDLESS: readonly Attack[] = [
  ...bodies('sandbox_timeout', {
    'a bare loop': 'for (;;) {}',
    'a loop on true': 'while (true) {}',
    'a loop that tests at its end': 'do {} while (1)',
    'a loop that counts': 'for (let i = 0; ; i++) i %= 7',
    'a labelled loop that continues': 'out: for (;;) { for (;;) continue out }',
    'a loop that catches all': 'for (;;) { try { throw 1 } catch {} }',
    'a loop that finally goes on': 'for (;;) { try { break } finally { continue } }',
    'a loop over what is never done':
      'let n = 0; const a = { [Symbol.iterator]: () => ({ next: () => ({ done: n++ < 0 }) }) }; for (const x of a) {}',
    'a loop over an endless generator': 'function* all() { for (;;) yield 1 }; for (const x of all()) {}',
    'a generator that delegates to itself for ever':
      'function* all() { for (;;) yield* [1] } ; for (const x of all()) {}',
    'spreading an endless iterator of nothing':
      'Math.max(...{ [Symbol.iterator]: () => ({ next: () => { for (;;) {} } }) })',
    'a getter that never returns': 'return { get a() { for (;;) {} } }',
    'a getter on a prototype':
      'Object.defineProperty(Object.prototype, "x", { get() { for (;;) {} } }); return { a: ({}).x }',
    'a setter that never returns': 'const o = { set a(v) { for (;;) {} } }; o.a = 1',
    'a toJSON that never returns': 'return { toJSON() { for (;;) {} } }',
    'a toString that never returns': 'return { a: `${{ toString() { for (;;) {} } }}` }',
    'a valueOf that never returns': 'return { a: +{ valueOf() { for (;;) {} } } }',
    'a primitive conversion that never returns': 'return { a: 1 + { [Symbol.toPrimitive]() { for (;;) {} } } }',
    'a comparator that never returns': '[2, 1].sort(() => { for (;;) {} })',
    'a comparator that is never the same':
      'const a = Array.from({ length: 500 }, (_, i) => i); for (;;) a.sort(() => 1)',
    'a reducer that never returns': '[1, 2].reduce(() => { for (;;) {} })',
    'a mapper that never returns': '[1].map(() => { for (;;) {} })',
    'a replacer that never returns': '"a".replace(/a/, () => { for (;;) {} })',
    'a reviver that never returns': 'JSON.parse("[1]", () => { for (;;) {} })',
    'a JSON replacer that never returns': 'JSON.stringify([1], () => { for (;;) {} })',
    'a proxy trap get': 'new Proxy({}, { get() { for (;;) {} } }).a',
    'a proxy trap set': 'new Proxy({}, { set() { for (;;) {} } }).a = 1',
    'a proxy trap has': '"a" in new Proxy({}, { has() { for (;;) {} } })',
    'a proxy trap ownKeys': 'Object.keys(new Proxy({}, { ownKeys() { for (;;) {} } }))',
    'a proxy trap getPrototypeOf': 'Object.getPrototypeOf(new Proxy({}, { getPrototypeOf() { for (;;) {} } }))',
    'a proxy trap apply': 'new Proxy(() => 1, { apply() { for (;;) {} } })()',
    'a proxy trap construct': 'new (new Proxy(class {}, { construct() { for (;;) {} } }))()',
    'a proxy trap deleteProperty': 'delete new Proxy({}, { deleteProperty() { for (;;) {} } }).a',
    'a proxy trap defineProperty':
      'Object.defineProperty(new Proxy({}, { defineProperty() { for (;;) {} } }), "a", {})',
    'a proxy that is returned': 'return new Proxy({}, { get() { for (;;) {} } })',
    'a proxy whose keys are returned': 'return new Proxy({}, { ownKeys() { for (;;) {} } })',
    'a constructor that never returns': 'class A { constructor() { for (;;) {} } }; new A()',
    'a static block that never ends': 'class A { static { for (;;) {} } }',
    'a field that never ends': 'class A { a = (() => { for (;;) {} })() }; new A()',
    'a default parameter that never ends': '((a = (() => { for (;;) {} })()) => a)()',
    'a computed key that never ends': 'return { [(() => { for (;;) {} })()]: 1 }',
    'destructuring that never ends': 'const [a] = { [Symbol.iterator]: () => ({ next() { for (;;) {} } }) }',
    'a tag of a template that never ends': '((s) => { for (;;) {} })`a`',
    'instanceof that never returns': '({}) instanceof { [Symbol.hasInstance]() { for (;;) {} } }',
    'a species that never returns':
      'class A extends Array { static get [Symbol.species]() { for (;;) {} } }; new A(1).map((x) => x)',
    'two functions that call each other in turn, flatly': 'let n = 0; const f = () => { n++ }; for (;;) { f(); f() }',
    'a microtask that begins the next':
      'const go = () => Promise.resolve().then(go); go(); return new Promise(() => {})',
    'an await without an end': 'return (async () => { for (;;) await 0 })()',
    'an async generator without an end':
      'return (async () => { async function* all() { for (;;) yield 1 }; for await (const x of all()) {} })()',
    'a thenable that gives itself': 'const t = { then(ok) { ok(t) } }; return t',
    'a thenable whose then never returns': 'return { then() { for (;;) {} } }',
    'a then getter that never returns': 'return { get then() { for (;;) {} } }',
    'many microtasks that each begin another':
      'const go = () => { Promise.resolve().then(go) }; for (let i = 0; i < 100; i++) go(); return new Promise(() => {})',
    'a rejection that is handled for ever': 'const go = () => Promise.reject(1).catch(go); return go()',
    'Promise.all that begins again': 'const go = () => Promise.all([0, 1]).then(go); return go()',
    'a symbol iterator that never ends in Array.from':
      'let n = 0; Array.from({ [Symbol.iterator]: () => ({ next: () => { for (;;) n++ } }) })',
    'a Map walked while it grows':
      'const m = new Map([[1, 1]]); let n = 1; for (const [k] of m) { m.delete(k); m.set(++n, 1) }',
    'a Set walked while it grows': 'const s = new Set([1]); for (const x of s) { s.delete(x); s.add(x) }',
    'forEach on a Set that grows': 'const s = new Set([1]); s.forEach((x) => { s.delete(x); s.add(x) })',
    'a catch that loops': 'try { null.x } catch { for (;;) {} }',
    'a finally that loops': 'try { return { a: 1 } } finally { for (;;) {} }',
    'a logger that loops': 'console.log({ get a() { for (;;) {} } })',
    'an error whose message loops': 'throw { get message() { for (;;) {} } }',
    'an error whose name loops': 'throw { get name() { for (;;) {} } }',
    'an error whose stack loops': 'throw { get stack() { for (;;) {} } }',
    'an error whose toJSON loops': 'throw { toJSON() { for (;;) {} } }',
    'a flood of the console': 'for (;;) console.log("x".repeat(100))',
    'a random walk': 'for (;;) Math.random()',
    'a walk through time': 'for (;;) Date.now()',
    'waiting for the clock to move': 'const until = Date.now() + 10; while (Date.now() < until) {}',
    'a switch in a loop': 'for (let i = 0; ; i++) switch (i & 1) { case 0: continue; default: continue }',
    'for-in on a proxy of endless prototypes':
      'const p = new Proxy({}, { getPrototypeOf: () => { for (;;) {} } }); for (const k in p) {}',
    'a weak reference that is asked for ever': 'const w = new WeakRef({}); for (;;) w.deref()',
    'bound functions called for ever': 'const f = (() => 1).bind(null, 1); for (;;) f()',
    'Reflect.apply for ever': 'for (;;) Reflect.apply(Math.abs, null, [1])',
    'symbols for ever': 'for (;;) Symbol("a")',
    'dates parsed for ever': 'for (;;) Date.parse("2020-01-01")',
  }),
  ...scripts('sandbox_timeout', {
    'a loop at the top level': 'for (;;) {}; function main() { return {} }',
    'an endless microtask at the top level':
      'const go = () => { Promise.resolve().then(go) }; go(); function main() { return new Promise(() => {}) }',
    'a main that is a getter': 'Object.defineProperty(globalThis, "main", { get() { for (;;) {} } })',
    'an async main that loops': 'async function main() { for (;;) {} }',
    'a main that is a bound loop': 'var main = (function () { for (;;) {} }).bind(null)',
    'a main that is a proxy': 'var main = new Proxy(function () {}, { apply() { for (;;) {} } })',
    'a main that is a class': 'var main = async () => { await null; class A { static a = (() => { for (;;) {} })() } }',
  }),
]
