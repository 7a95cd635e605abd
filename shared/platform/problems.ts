export type Language = 'zh' | 'en'
export type Severity = 'P0' | 'P1' | 'P2'
/** Where a failure belongs: to a request or its data, to one part of Helix, to a process of it, or to what it stands on. */
export type Layer = 'application' | 'component' | 'system' | 'infrastructure'

interface ProblemKind {
  readonly status: number
  readonly title: Readonly<Record<Language, string>>
  /** Whether trying again, unchanged, may succeed. */
  readonly retryable: boolean
  /** P0 stops everything, P1 stops one task, P2 stops one request. */
  readonly severity: Severity
  readonly layer: Layer
}

/** Every failure that a caller can meet. `code` is the key; `type` in an answer is `/problems/{code}`. */
export const PROBLEMS = {
  invalid_request: lasting(400, 'P2', '请求参数无效', 'The request is not valid'),
  invalid_json: lasting(400, 'P2', '请求体不是有效的 JSON', 'The body is not JSON'),
  invalid_file_name: lasting(400, 'P2', '文件名不合法', 'The file name is not allowed'),
  unauthorized: lasting(401, 'P2', '未提供有效的访问密钥', 'No valid key was given'),
  forbidden: lasting(403, 'P2', '该密钥无权执行此操作', 'This key may not do that'),
  task_not_found: lasting(404, 'P2', '任务不存在', 'The task does not exist'),
  execution_not_found: lasting(404, 'P2', '执行记录不存在', 'The execution does not exist'),
  file_not_found: lasting(404, 'P2', '文件不存在', 'The file does not exist'),
  pair_not_found: lasting(404, 'P2', '问答对不存在', 'The pair does not exist'),
  source_not_found: lasting(404, 'P2', '数据源不存在', 'The source does not exist'),
  workflow_not_found: lasting(404, 'P2', '工作流不存在', 'The workflow does not exist'),
  snapshot_not_found: lasting(404, 'P2', '快照不存在', 'The snapshot does not exist'),
  node_not_found: lasting(404, 'P2', '节点不存在', 'The node does not exist'),
  incident_not_found: lasting(404, 'P2', '故障事件不存在', 'The incident does not exist'),
  cleanup_not_found: lasting(404, 'P2', '清理记录不存在', 'The clean-up does not exist'),
  dead_letter_not_found: lasting(404, 'P2', '死信不存在', 'There is no such dead message'),
  alert_not_found: lasting(404, 'P2', '告警不存在或已结束', 'There is no such open alert'),
  training_item_not_found: lasting(404, 'P2', '训练数据不存在', 'The training item does not exist'),
  route_not_found: lasting(404, 'P2', '接口不存在', 'There is no such endpoint'),
  method_not_allowed: lasting(405, 'P2', '不支持该请求方法', 'The method is not allowed here'),
  concurrent_task: passing(409, 'P2', '已有任务正在执行，请稍后再试', 'Another task is running; try again later'),
  step_dependency_unmet: lasting(409, 'P2', '前置步骤尚未完成', 'An earlier step has not been completed'),
  step_running: passing(409, 'P2', '该任务已有步骤正在执行', 'A step of this task is already running'),
  node_version_taken: lasting(409, 'P2', '该版本已存在且内容不同', 'This version exists with another content'),
  node_in_use: lasting(409, 'P2', '节点正被工作流使用', 'Workflows use this node'),
  task_final: lasting(409, 'P2', '任务已结束', 'The task has already ended'),
  idempotency_conflict: lasting(
    409,
    'P2',
    'Idempotency-Key 已用于另一个请求',
    'The Idempotency-Key was used for another request',
  ),
  workflow_exists: lasting(409, 'P2', '同名工作流已存在', 'A workflow of this id exists already'),
  workflow_read_only: lasting(
    409,
    'P2',
    '内置工作流不能修改，请先复制',
    'A built-in workflow is not changed but copied',
  ),
  workflow_in_use: lasting(409, 'P2', '仍有任务使用该工作流', 'Tasks use this workflow'),
  restore_refused: lasting(409, 'P2', '拒绝恢复备份', 'The backup was not restored'),
  nothing_to_roll_back: lasting(409, 'P2', '没有可回滚的变更', 'There is no change to roll back'),
  incident_closed: lasting(409, 'P2', '故障事件已关闭', 'The incident is over'),
  plan_expired: lasting(409, 'P2', '清理计划已过期，请重新预览', 'The plan is too old; make a new one'),
  cleanup_refused: lasting(409, 'P2', '无法执行该清理操作', 'The clean-up can not be carried out'),
  dead_letters_elsewhere: lasting(
    409,
    'P2',
    '此平台的队列不支持查询死信',
    'The dead messages of this platform lie in its own queue',
  ),
  lease_lost: lasting(409, 'P2', '执行权已被其他进程接管', 'Another worker owns this execution now', 'system'),
  file_conflict: lasting(412, 'P2', '文件已被修改', 'The file has changed in the meantime'),
  workflow_changed: lasting(412, 'P2', '工作流已被他人修改', 'The workflow has changed in the meantime'),
  payload_too_large: lasting(413, 'P2', '请求体过大', 'The body is too large'),
  answer_too_large: lasting(413, 'P2', '响应过大，超出平台限制', 'The answer is larger than the platform lets through'),
  unsupported_media_type: lasting(415, 'P2', '请求体必须是 JSON', 'The body must be JSON'),
  range_not_satisfiable: lasting(416, 'P2', '请求的范围无效', 'The range is outside the file'),
  invalid_table_list: lasting(422, 'P2', '表清单无效', 'The table list is not valid'),
  source_empty: lasting(422, 'P2', '数据源中没有可读取的表', 'The source has no readable table'),
  secret_key_missing: lasting(
    422,
    'P2',
    '未配置 HELIX_SECRET_KEY，不接受请求中的密码',
    'Inline passwords need HELIX_SECRET_KEY',
  ),
  invalid_node: lasting(422, 'P2', '节点定义无效', 'The definition of the node is not valid'),
  invalid_inputs: lasting(422, 'P2', '节点输入无效', 'The inputs do not fit the node'),
  sandbox_timeout: lasting(422, 'P2', '节点执行超时', 'The node took longer than its time limit'),
  sandbox_memory: lasting(422, 'P2', '节点内存超限', 'The node took more memory than it may'),
  sandbox_error: lasting(422, 'P2', '节点执行失败', 'The node failed'),
  output_mismatch: lasting(422, 'P2', '节点输出与定义不符', 'The answer of the node is not what it declares'),
  llm_missing: lasting(422, 'P2', '未配置大模型', 'No language model is configured'),
  query_refused: lasting(422, 'P2', '查询被拒绝', 'The query was refused'),
  dynamic_nodes_disabled: lasting(423, 'P2', '动态节点创建已停用', 'The creation of dynamic nodes is switched off'),
  invalid_pairs_file: lasting(422, 'P2', '问答文件无效', 'The pairs file is not valid'),
  invalid_workflow: lasting(422, 'P2', '工作流定义无效', 'The workflow is not valid'),
  workflow_cycle: lasting(422, 'P2', '工作流存在循环依赖', 'The nodes of the workflow wait for each other'),
  unresolved_reference: lasting(422, 'P2', '引用无法解析', 'A reference leads nowhere'),
  type_mismatch: lasting(422, 'P2', '类型不匹配', 'The types do not fit'),
  request_rejected: lasting(422, 'P2', '无法受理该请求', 'The request can not be taken on'),
  backup_invalid: lasting(422, 'P1', '备份无效', 'The backup is not valid'),
  rate_limited: passing(429, 'P2', '请求过于频繁', 'Too many requests'),
  internal: passing(500, 'P1', '内部错误', 'Something went wrong inside Helix', 'system'),
  envelope_exceeded: lasting(
    500,
    'P1',
    '超出可移植范围：在某个云平台上会失败',
    'This would break on one of the platforms',
    'system',
  ),
  step_timeout: passing(500, 'P1', '步骤执行超时', 'The step took longer than its time limit', 'system'),
  missing_output: passing(500, 'P1', '步骤未产生必需的文件', 'The step did not produce a required file', 'component'),
  source_unreachable: passing(502, 'P1', '无法连接数据源', 'The source does not answer', 'component'),
  source_refused: lasting(502, 'P1', '数据源拒绝了连接', 'The source refused the connection', 'component'),
  llm_failed: passing(502, 'P1', '大模型调用失败', 'The language model did not give a usable answer', 'component'),
  embedding_failed: passing(502, 'P1', '向量化失败', 'The embedding service did not give a usable answer', 'component'),
  component_degraded: passing(
    503,
    'P1',
    '组件连续失败，已自动降级，请稍后重试',
    'The component has failed several times in a row and is not called for now',
    'component',
  ),
  address_unavailable: lasting(503, 'P0', '无法监听该地址', 'The address can not be listened on', 'system'),
  data_dir_taken: lasting(
    503,
    'P0',
    '该数据目录已有运行器',
    'A runner is already alive on this data directory',
    'system',
  ),
  store_unavailable: passing(503, 'P0', '数据库不可用', 'The store does not answer', 'infrastructure'),
  queue_unavailable: passing(503, 'P0', '消息队列不可用', 'The queue does not take messages', 'infrastructure'),
  files_unavailable: passing(503, 'P0', '文件存储不可用', 'The file store can not be written', 'infrastructure'),
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof PROBLEMS

export interface FieldError {
  /** Where, in the caller's own terms: `table_list[2]`. */
  readonly path: string
  readonly message: string
  /** What kind of fault it is, where there are several. */
  readonly code?: string
  readonly severity?: 'error' | 'warning'
  /** The nearest thing that would be right. */
  readonly nearest?: string
  /** 1-based, in a text that was given. */
  readonly line?: number
  readonly column?: number
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

  get layer(): Layer {
    return PROBLEMS[this.code].layer
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

/** Trying again, unchanged, can not help. */
function lasting(
  status: number,
  severity: Severity,
  zh: string,
  en: string,
  layer: Layer = 'application',
): ProblemKind {
  return { status, title: { zh, en }, retryable: false, severity, layer }
}

/** Trying again, unchanged, may succeed. */
function passing(
  status: number,
  severity: Severity,
  zh: string,
  en: string,
  layer: Layer = 'application',
): ProblemKind {
  return { status, title: { zh, en }, retryable: true, severity, layer }
}
