import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

const BOOTSTRAP = fileURLToPath(new URL('lambda-bootstrap.mjs', import.meta.url))
const INVOCATION = /^\/2018-06-01\/runtime\/invocation\/([\w-]+)\/(response|error)$/

export interface SandboxOptions {
  /** The folder of the bundle, and the export that is the handler. */
  readonly root: string
  readonly handler: 'handler' | 'stream'
  readonly env: Readonly<Record<string, string>>
  /** What an invocation may take before its sandbox is killed. */
  readonly timeoutMs: number
  /** Takes what the process prints. */
  readonly print: (text: string) => void
}

/** What a function answered: its value as JSON, or a body that is still being written. */
export type Answered =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'stream'; readonly body: IncomingMessage }

/** One execution environment of a Lambda: a process that gets one invocation at a time, and is frozen between two. */
export class Sandbox {
  readonly #options: SandboxOptions
  readonly #server: Server
  readonly #process: ChildProcess
  #poll: ServerResponse | null = null
  #onPoll: () => void = () => undefined
  #current: Invocation | null = null
  #died: Error | null = null

  static async start(options: SandboxOptions): Promise<Sandbox> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new Sandbox(options, server)
  }

  private constructor(options: SandboxOptions, server: Server) {
    this.#options = options
    this.#server = server
    server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => response.destroy()) // the process went away in the middle
    })
    this.#process = spawn(process.execPath, [BOOTSTRAP], {
      cwd: options.root,
      env: environment(options, (server.address() as AddressInfo).port),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      output?.on('data', (chunk: Buffer) => options.print(chunk.toString()))
    }
    this.#process.once('exit', (code, signal) => this.#end(new Error(`Runtime exited: ${signal ?? `code ${code}`}`)))
  }

  get alive(): boolean {
    return this.#died === null
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /**
   * Hands an event to the function.
   * @returns its answer, as soon as that begins, and when the function has done everything that it began
   * @throws {Error} what the function threw, or how its process ended
   */
  async invoke(event: unknown): Promise<{ answered: Answered; ended: Promise<void> }> {
    const poll = await this.#ready()
    const invocation = new Invocation(() => this.kill('Task timed out'), this.#options.timeoutMs)
    this.#current = invocation
    this.#poll = null
    this.#process.kill('SIGCONT')
    poll.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': invocation.id,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + this.#options.timeoutMs),
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:000000000000:function:helix',
    })
    poll.end(JSON.stringify(event))
    return { answered: await invocation.answered, ended: invocation.ended }
  }

  /** As Lambda ends a sandbox: nothing in it is asked. */
  kill(reason = 'Runtime exited: killed'): void {
    this.#end(new Error(reason))
    this.#process.kill('SIGKILL')
  }

  async #ready(): Promise<ServerResponse> {
    for (;;) {
      if (this.#died !== null) throw this.#died
      if (this.#poll !== null) return this.#poll
      await new Promise<void>((resolve) => {
        this.#onPoll = resolve
      })
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id, what] = INVOCATION.exec(request.url ?? '') ?? []
    if (request.url?.endsWith('/invocation/next') === true) {
      this.#poll = response
      this.#current?.end()
      this.#current = null
      this.#process.kill('SIGSTOP') // whatever was not awaited stands still now
      this.#onPoll()
    } else if (id !== undefined && id === this.#current?.id) {
      await this.#current.take(request, what === 'error')
      response.writeHead(202).end()
    } else {
      response.writeHead(400).end()
    }
  }

  #end(reason: Error): void {
    if (this.#died !== null) return
    this.#died = reason
    this.#current?.fail(reason)
    this.#onPoll()
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/** One event on its way through a sandbox. */
class Invocation {
  readonly id = randomUUID()
  readonly answered: Promise<Answered>
  readonly ended: Promise<void>
  readonly #timer: NodeJS.Timeout
  #answer: (answered: Answered) => void = () => undefined
  #refuse: (reason: Error) => void = () => undefined
  #close: () => void = () => undefined

  constructor(timeOut: () => void, timeoutMs: number) {
    this.answered = new Promise((resolve, reject) => {
      this.#answer = resolve
      this.#refuse = reject
    })
    this.ended = new Promise((resolve) => {
      this.#close = resolve
    })
    this.#timer = setTimeout(timeOut, timeoutMs)
  }

  async take(request: IncomingMessage, failed: boolean): Promise<void> {
    if (request.headers['lambda-runtime-function-response-mode'] === 'streaming') {
      this.#answer({ kind: 'stream', body: request })
      await new Promise((resolve) => request.once('close', resolve))
      return
    }
    const value = JSON.parse(Buffer.concat(await request.toArray()).toString()) as unknown
    if (failed) this.#refuse(new Error((value as { errorMessage: string }).errorMessage))
    else this.#answer({ kind: 'value', value })
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#close()
  }

  fail(reason: Error): void {
    this.#refuse(reason)
    this.end()
  }
}

/** What Lambda sets, what the function's settings say, and nothing of this process. */
function environment({ root, handler, env }: SandboxOptions, port: number): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    LAMBDA_TASK_ROOT: root,
    _HANDLER: `lambda.${handler}`,
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
    AWS_LAMBDA_FUNCTION_NAME: 'helix',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
    ...env,
  }
}
