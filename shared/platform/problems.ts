export type Language = 'zh' | 'en'
export type Severity = 'P0' | 'P1' | 'P2'

interface ProblemKind {
  readonly status: number
  readonly title: Readonly<Record<Language, string>>
  /** Whether trying again, unchanged, may succeed. */
  readonly retryable: boolean
  /** P0 stops everything, P1 stops one task, P2 stops one request. */
  readonly severity: Severity
}

/** Every failure that a caller can meet. `code` is the key; `type` in an answer is `/problems/{code}`. */
export const PROBLEMS = {
  invalid_request: {
    status: 400,
    title: { zh: '请求参数无效', en: 'The request is not valid' },
    retryable: false,
    severity: 'P2',
  },
  invalid_json: {
    status: 400,
    title: { zh: '请求体不是有效的 JSON', en: 'The body is not JSON' },
    retryable: false,
    severity: 'P2',
  },
  invalid_file_name: {
    status: 400,
    title: { zh: '文件名不合法', en: 'The file name is not allowed' },
    retryable: false,
    severity: 'P2',
  },
  task_not_found: {
    status: 404,
    title: { zh: '任务不存在', en: 'The task does not exist' },
    retryable: false,
    severity: 'P2',
  },
  execution_not_found: {
    status: 404,
    title: { zh: '执行记录不存在', en: 'The execution does not exist' },
    retryable: false,
    severity: 'P2',
  },
  file_not_found: {
    status: 404,
    title: { zh: '文件不存在', en: 'The file does not exist' },
    retryable: false,
    severity: 'P2',
  },
  pair_not_found: {
    status: 404,
    title: { zh: '问答对不存在', en: 'The pair does not exist' },
    retryable: false,
    severity: 'P2',
  },
  source_not_found: {
    status: 404,
    title: { zh: '数据源不存在', en: 'The source does not exist' },
    retryable: false,
    severity: 'P2',
  },
  training_item_not_found: {
    status: 404,
    title: { zh: '训练数据不存在', en: 'The training item does not exist' },
    retryable: false,
    severity: 'P2',
  },
  route_not_found: {
    status: 404,
    title: { zh: '接口不存在', en: 'There is no such endpoint' },
    retryable: false,
    severity: 'P2',
  },
  method_not_allowed: {
    status: 405,
    title: { zh: '不支持该请求方法', en: 'The method is not allowed here' },
    retryable: false,
    severity: 'P2',
  },
  concurrent_task: {
    status: 409,
    title: { zh: '已有任务正在执行，请稍后再试', en: 'Another task is running; try again later' },
    retryable: true,
    severity: 'P2',
  },
  step_dependency_unmet: {
    status: 409,
    title: { zh: '前置步骤尚未完成', en: 'An earlier step has not been completed' },
    retryable: false,
    severity: 'P2',
  },
  step_running: {
    status: 409,
    title: { zh: '该任务已有步骤正在执行', en: 'A step of this task is already running' },
    retryable: true,
    severity: 'P2',
  },
  task_final: {
    status: 409,
    title: { zh: '任务已结束', en: 'The task has already ended' },
    retryable: false,
    severity: 'P2',
  },
  idempotency_conflict: {
    status: 409,
    title: { zh: 'Idempotency-Key 已用于另一个请求', en: 'The Idempotency-Key was used for another request' },
    retryable: false,
    severity: 'P2',
  },
  lease_lost: {
    status: 409,
    title: { zh: '执行权已被其他进程接管', en: 'Another worker owns this execution now' },
    retryable: false,
    severity: 'P2',
  },
  file_conflict: {
    status: 412,
    title: { zh: '文件已被修改', en: 'The file has changed in the meantime' },
    retryable: false,
    severity: 'P2',
  },
  payload_too_large: {
    status: 413,
    title: { zh: '请求体过大', en: 'The body is too large' },
    retryable: false,
    severity: 'P2',
  },
  unsupported_media_type: {
    status: 415,
    title: { zh: '请求体必须是 JSON', en: 'The body must be JSON' },
    retryable: false,
    severity: 'P2',
  },
  range_not_satisfiable: {
    status: 416,
    title: { zh: '请求的范围无效', en: 'The range is outside the file' },
    retryable: false,
    severity: 'P2',
  },
  invalid_table_list: {
    status: 422,
    title: { zh: '表清单无效', en: 'The table list is not valid' },
    retryable: false,
    severity: 'P2',
  },
  source_empty: {
    status: 422,
    title: { zh: '数据源中没有可读取的表', en: 'The source has no readable table' },
    retryable: false,
    severity: 'P2',
  },
  secret_key_missing: {
    status: 422,
    title: { zh: '未配置 HELIX_SECRET_KEY，不接受请求中的密码', en: 'Inline passwords need HELIX_SECRET_KEY' },
    retryable: false,
    severity: 'P2',
  },
  invalid_pairs_file: {
    status: 422,
    title: { zh: '问答文件无效', en: 'The pairs file is not valid' },
    retryable: false,
    severity: 'P2',
  },
  rate_limited: {
    status: 429,
    title: { zh: '请求过于频繁', en: 'Too many requests' },
    retryable: true,
    severity: 'P2',
  },
  internal: {
    status: 500,
    title: { zh: '内部错误', en: 'Something went wrong inside Helix' },
    retryable: true,
    severity: 'P1',
  },
  step_timeout: {
    status: 500,
    title: { zh: '步骤执行超时', en: 'The step took longer than its time limit' },
    retryable: true,
    severity: 'P1',
  },
  missing_output: {
    status: 500,
    title: { zh: '步骤未产生必需的文件', en: 'The step did not produce a required file' },
    retryable: true,
    severity: 'P1',
  },
  source_unreachable: {
    status: 502,
    title: { zh: '无法连接数据源', en: 'The source does not answer' },
    retryable: true,
    severity: 'P1',
  },
  source_refused: {
    status: 502,
    title: { zh: '数据源拒绝了连接', en: 'The source refused the connection' },
    retryable: false,
    severity: 'P1',
  },
  llm_failed: {
    status: 502,
    title: { zh: '大模型调用失败', en: 'The language model did not give a usable answer' },
    retryable: true,
    severity: 'P1',
  },
  embedding_failed: {
    status: 502,
    title: { zh: '向量化失败', en: 'The embedding service did not give a usable answer' },
    retryable: true,
    severity: 'P1',
  },
  address_unavailable: {
    status: 503,
    title: { zh: '无法监听该地址', en: 'The address can not be listened on' },
    retryable: false,
    severity: 'P0',
  },
  data_dir_taken: {
    status: 503,
    title: { zh: '该数据目录已有运行器', en: 'A runner is already alive on this data directory' },
    retryable: false,
    severity: 'P0',
  },
  store_unavailable: {
    status: 503,
    title: { zh: '数据库不可用', en: 'The store does not answer' },
    retryable: true,
    severity: 'P0',
  },
  files_unavailable: {
    status: 503,
    title: { zh: '文件存储不可用', en: 'The file store can not be written' },
    retryable: true,
    severity: 'P0',
  },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof PROBLEMS

export interface FieldError {
  /** Where, in the caller's own terms: `table_list[2]`. */
  readonly path: string
  readonly message: string
}

/** A failure with a row in the table. The message says what was attempted, with which values; the hint what to do next. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly hint: string | undefined
  readonly errors: readonly FieldError[]
  /** Seconds after which a retry makes sense. */
  readonly retryAfter: number | undefined

  constructor(
    code: ProblemCode,
    message: string,
    options: { hint?: string; errors?: readonly FieldError[]; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.errors = options.errors ?? []
    this.retryAfter = options.retryAfter
  }

  get status(): number {
    return PROBLEMS[this.code].status
  }

  get retryable(): boolean {
    return PROBLEMS[this.code].retryable
  }
}

// What Postgres answers to NUL characters, broken encodings, and dates that are none: the caller's values, not our fault.
const UNACCEPTABLE_VALUES = new Set(['22021', '22P05', '22007', '22008'])

/** Anything thrown, as a problem: what is not one becomes `internal`, its message kept as the cause. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  if (thrown instanceof Error && 'code' in thrown && UNACCEPTABLE_VALUES.has(String(thrown.code))) {
    return new Problem('invalid_request', `A value of the request can not be stored: ${thrown.message}`, {
      cause: thrown,
    })
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new Problem('internal', message, { cause: thrown })
}
