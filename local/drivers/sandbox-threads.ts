import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Sandbox, SandboxErrorCode, SandboxRun } from '../../shared/platform/sandbox.ts'
import { prepared, refusal } from '../../shared/sandbox/prepare.ts'
import type { PreparedRun } from '../../shared/sandbox/runner.ts'
import type { Text } from '../../shared/sandbox/text.ts'
import type { ThreadAnswer } from './sandbox-thread.ts'
import { steadyMs } from './system-clock.ts'

export interface SandboxThreadsOptions {
  /** QuickJS, metered. */
  readonly module: () => Promise<WebAssembly.Module>
  /** What a thread runs. */
  readonly script: () => Promise<string>
  /** How many runs may be under way at once; as many as the machine has processors, up to four, by default. */
  readonly runsMax?: number
}

interface Thread {
  readonly worker: Worker
  /** Resolves when it can take a run; rejects when it can't be started. */
  readonly ready: Promise<void>
  /** Told how the run under way ended; null when none is. */
  settle: ((run: SandboxRun | SandboxErrorCode) => void) | null
}

const RUNS_MAX = 4
const KILL_AFTER_MS = 15 // past its time limit a thread ends a run itself, within a few milliseconds
const HEAP_MB_MAX = 128 // of the thread's own JavaScript: inputs, results and known nodes, not the code's memory
const STACK_MB = 8

/**
 * Runs code in threads, so that this one never waits for it and can kill what does not end. Threads are started when
 * something is first run; from then on one more than needed is kept ready, which takes over at once from a killed one.
 */
export function sandboxThreads({ module, script, runsMax = runsMaxOfMachine() }: SandboxThreadsOptions): Sandbox {
  const idle: Thread[] = []
  const all = new Set<Thread>()
  const waiting: (() => void)[] = []
  let running = 0
  let closed = false

  const drop = (thread: Thread) => {
    all.delete(thread)
    if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1)
    void thread.worker.terminate()
  }
  const start = async (): Promise<Thread> => {
    const [workerData, code] = await Promise.all([module(), script()])
    const thread = newThread(code, workerData)
    all.add(thread)
    thread.worker.once('error', () => thread.settle?.('sandbox_crashed'))
    thread.worker.once('exit', () => {
      thread.settle?.('sandbox_crashed')
      drop(thread)
    })
    await thread.ready
    return thread
  }
  const keepSpare = () => {
    if (idle.length > 0 || closed || all.size > runsMax) return
    void start().then(
      (thread) => (closed ? drop(thread) : idle.push(thread)),
      () => undefined, // the next run starts one itself, and tells what is wrong
    )
  }
  const runIn = async (thread: Thread, run: PreparedRun, signal?: AbortSignal): Promise<SandboxRun> => {
    const began = steadyMs()
    const ended = await new Promise<SandboxRun | SandboxErrorCode>((resolve) => {
      const cancel = () => resolve('sandbox_cancelled')
      const timer = setTimeout(() => resolve('sandbox_timeout'), run.limits.timeout_ms + KILL_AFTER_MS)
      thread.settle = (answer) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', cancel)
        resolve(answer)
      }
      signal?.addEventListener('abort', cancel)
      if (signal?.aborted === true) cancel()
      thread.worker.ref()
      thread.worker.postMessage(run)
    })
    thread.settle?.('sandbox_cancelled') // no timer is left, nobody listens any more
    thread.settle = null
    thread.worker.unref()
    if (typeof ended !== 'string') {
      idle.push(thread)
      return ended
    }
    drop(thread)
    return refusal(ended, (KILLED[ended] ?? ENDED)[run.language], steadyMs() - began)
  }
  return {
    async run(request, signal) {
      const run = prepared(request, signal)
      if ('success' in run) return run
      if (running >= runsMax) await new Promise<void>((resolve) => waiting.push(resolve))
      running += 1
      try {
        const thread = idle.pop() ?? (await start())
        keepSpare()
        return await runIn(thread, run, signal)
      } catch (cause) {
        const told = { zh: `无法启动线程：${String(cause)}`, en: `No thread can be started: ${String(cause)}` }
        return refusal('sandbox_crashed', told[run.language])
      } finally {
        running -= 1
        waiting.shift()?.()
        keepSpare()
      }
    },
    async close() {
      closed = true
      await Promise.all([...all].map(({ worker }) => worker.terminate()))
    },
  }
}

const KILLED: Partial<Record<SandboxErrorCode, Text>> = {
  sandbox_timeout: {
    zh: '代码没有在 timeout_ms 内结束，已被终止',
    en: 'The code did not end within timeout_ms, and was killed',
  },
  sandbox_cancelled: { zh: '运行已取消', en: 'The run was cancelled' },
}
const ENDED: Text = { zh: '线程已结束', en: 'The thread ended' }

function newThread(code: string, workerData: WebAssembly.Module): Thread {
  const worker = new Worker(code, {
    eval: true,
    workerData,
    execArgv: [],
    env: {}, // nothing of this process is for code to see, even if it got out
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX, stackSizeMb: STACK_MB },
  })
  worker.unref()
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('it ended')))
  })
  const thread: Thread = { worker, ready, settle: null }
  worker.on('message', (answer: ThreadAnswer) => {
    if (answer !== null) thread.settle?.(answer)
  })
  return thread
}

function runsMaxOfMachine(): number {
  return Math.min(RUNS_MAX, availableParallelism())
}
