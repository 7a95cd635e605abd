import { parentPort, workerData } from 'node:worker_threads'
import type { SandboxRun } from '../../shared/platform/sandbox.ts'
import { type PreparedRun, Runner } from '../../shared/sandbox/runner.ts'
import { steadyMs } from './system-clock.ts'

/** What a thread tells: null once it is ready, then an answer to each run. */
export type ThreadAnswer = SandboxRun | null

// What runs in a thread of `sandbox-threads.ts`: one run at a time, in the order in which they are sent.
const runner = new Runner(workerData as WebAssembly.Module, steadyMs)
const answer = (value: ThreadAnswer) => parentPort?.postMessage(value)
parentPort?.on('message', (run: PreparedRun) => answer(runner.run(run)))
answer(null)
