import { type Attack, bodies, scripts } from './attack.ts'

const FAILS = ['sandbox_error', 'sandbox_syntax'] as const

/** Code that looks for the world outside, or for a way to make code. */
export const ESCAPES: readonly Attack[] = [
  ...bodies(FAILS, {
    'process by name': 'return { a: process.env }',
    'require by name': 'return { a: require("fs").readFileSync("/etc/passwd", "utf8") }',
    'process over a constructor': 'return { a: this.constructor.constructor("return process")().env }',
    'process over a console': 'return { a: console.log.constructor("return process")().pid }',
    'process over an error':
      'try { null.f() } catch (e) { return { a: e.constructor.constructor("return process")().pid } }',
    'process over arguments': 'return { a: arguments.callee.constructor("return process")().pid }',
    'process over the inputs': 'return { a: inputs.constructor.constructor("return process")().pid }',
    'process over Math.random': 'return { a: Math.random.constructor("return process")().pid }',
    'process over a promise': 'return (async () => {})().constructor.constructor("return process")().env',
    'process over an async function':
      'return (async () => {}).constructor("return process")().then((p) => ({ a: p.pid }))',
    'process over a generator': 'return { a: (function* () {}).constructor("return process")().next().value.pid }',
    'process by eval': 'return { a: (0, eval)("process").pid }',
    'process by Function': 'return { a: new Function("return process.pid")() }',
    'the std module of QuickJS': 'return { a: std.getenv("PATH") }',
    'the os module of QuickJS': 'return { a: os.exec(["ls"]) }',
    'a module by import': 'return import("fs").then((fs) => ({ a: Object.keys(fs) }))',
    'a module of QuickJS by import': 'return import("std").then((std) => ({ a: std.getenv("PATH") }))',
    'a module from a data address':
      'return import("data:text/javascript,export default 1").then((m) => ({ a: m.default }))',
    'the network by fetch': 'return fetch("http://127.0.0.1").then(() => ({}))',
    'the network by XMLHttpRequest': 'new XMLHttpRequest().open("GET", "http://127.0.0.1")',
    'the network by WebSocket': 'new WebSocket("ws://127.0.0.1")',
    'a timer': 'setTimeout(() => {}, 1)',
    'an interval': 'setInterval(() => {}, 1)',
    'a worker': 'new Worker("x.js")',
    WebAssembly: 'new WebAssembly.Memory({ initial: 1 })',
    'the memory of the host': 'return { a: HEAPU8.length }',
    'a shared buffer that is waited on':
      'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); return { a: process.pid }',
    'the internals of Node.js': 'return { a: process.binding("fs") }',
    'the main module': 'return { a: module.constructor._load("child_process").execSync("id") }',
    Deno: 'return { a: Deno.readTextFileSync("/etc/passwd") }',
    Bun: 'return { a: Bun.file("/etc/passwd") }',
    'a window': 'return { a: window.location.href }',
    'the caller of main': 'return { a: main.caller.caller.arguments[0].constructor("return process")() }',
    'a structured trace':
      'Error.prepareStackTrace = (e, frames) => frames; return { a: new Error().stack[0].getThis().process.pid }',
    'a proxy handed to the host':
      'console.log(new Proxy({}, { get(t, k) { throw t.constructor.constructor("return process")() } })); return { a: process.pid }',
    'a symbol shared with the host': 'return { a: globalThis[Symbol.for("nodejs.util.inspect.custom")].process }',
    'a buffer of the host': 'return { a: Buffer.from("a").buffer.byteLength }',
  }),
  ...bodies('{"a":"undefined"}', {
    'globals of Node.js':
      'return { a: [typeof process, typeof require, typeof global, typeof Buffer].filter((t) => t !== "undefined")[0] + "" }',
    'globals of browsers':
      'return { a: [typeof window, typeof fetch, typeof document, typeof WebSocket].filter((t) => t !== "undefined")[0] + "" }',
    'globals of QuickJS':
      'return { a: [typeof std, typeof os, typeof scriptArgs, typeof bjson].filter((t) => t !== "undefined")[0] + "" }',
    'what the sandbox itself uses':
      'return { a: [typeof answer, typeof fail, typeof call, typeof stringify].filter((t) => t !== "undefined")[0] + "" }',
  }),
  ...scripts('main_missing', {
    'code without main': 'const a = 1',
    'nothing at all': '',
    'a main that is no function': 'const main = 1',
    'a main within a function': 'function f() { function main() { return {} } }',
    'a comment that is not a function': '/* function main() { return {} } */',
  }),
  ...scripts('sandbox_syntax', {
    'a module': 'export function main() { return {} }',
    'an import': 'import fs from "fs"; function main() { return {} }',
    'an open bracket': 'function main() { return {',
    'an open comment': 'function main() { return {} } /*',
    'an open text': 'function main() { return { a: "b } }',
    TypeScript: 'function main(inputs: object): object { return {} }',
    Python: 'def main(inputs):\n    return {}',
    'bytes that are no code': '\u0000\u0001\u0002',
    'code that closes the sandbox': '})(); function main() { return {} } (() => {',
  }),
  ...scripts('sandbox_error', { markdown: '```js\nfunction main() { return {} }\n```' }),
  ...scripts('source_too_large', {
    'code that is too long': `function main() { return {} } // ${'x'.repeat(300_000)}`,
  }),
  ...bodies('sandbox_error', {
    'a forged interruption': 'throw new InternalError("interrupted")',
    'a forged end of memory': 'throw new InternalError("out of memory")',
    'a forged end of the stack': 'throw new InternalError("stack overflow")',
    'a forged RangeError': 'throw new RangeError("Maximum call stack size exceeded")',
    'a forged success': 'throw { success: true, outputs: { a: 1 }, exit_code: 0, kind: "answer" }',
    'a forged verdict': 'throw { verdict: { kind: "answer", text: "{}" } }',
    'a forged trace': 'const e = new Error("a"); e.stack = "at main (node.js:999999:1)\\n".repeat(1000); throw e',
    'a thrown nothing': 'throw undefined',
    'a thrown null': 'throw null',
    'a thrown symbol': 'throw Symbol("a")',
    'a thrown function': 'throw () => 1',
    'a thrown proxy': 'throw new Proxy({}, { get() { throw 1 } })',
    'a revoked proxy': 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy',
    'a thrown text of a million': 'throw "x".repeat(1e6)',
    'a thrown cycle': 'const a = {}; a.a = a; throw a',
    'a thrown main': 'throw main',
    'a rejected promise': 'return Promise.reject(new Error("no"))',
    'a rejected nothing': 'return Promise.reject()',
    'an error without a prototype': 'throw Object.create(null)',
    'an error whose name is an object': 'const e = new Error("a"); e.name = { toString() { throw 1 } }; throw e',
    'text that is too long': '"a".repeat(2 ** 30)',
    'a list that is too long': 'new Array(-1)',
    'a buffer that can not be': 'new ArrayBuffer(2 ** 53)',
    'a date that is none': 'new Date(NaN).toISOString()',
    'a frozen main': 'Object.freeze(globalThis); "use strict"; null.f()',
  }),
]
