import type { Language } from '../../platform/problems.ts'
import { MEANINGS, wordsIn } from './finding-words.ts'

/** From the worst to the least. */
export const FINDING_SEVERITIES = ['critical', 'high', 'medium', 'low'] as const
export type FindingSeverity = (typeof FINDING_SEVERITIES)[number]

interface Rule {
  readonly severity: FindingSeverity
  readonly next: Readonly<Record<Language, string>>
}

/** What an API may get wrong. Scripts depend on these names. */
export const RULES = {
  no_answer: rule(
    'critical',
    '查看运行器日志，确认服务可达',
    "Look into the runner's log, and whether it can be reached",
  ),
  server_error: rule(
    'critical',
    '按 request_id 在日志中查找原因',
    'Look for the request_id in the log; it says what failed',
  ),
  invalid_document: rule('critical', '修正 OpenAPI 文档的生成', 'Mend how the description is made'),
  undocumented_status: rule(
    'high',
    '在 describe() 的 answers 或 problems 中补上该状态',
    'Add the status to the answers or problems of its describe()',
  ),
  wrong_content_type: rule('high', '使响应的 Content-Type 与文档一致', 'Let answer and description agree on the type'),
  schema_mismatch: rule('high', '使响应体与文档中的 schema 一致', 'Let answer and schema agree'),
  not_a_problem: rule(
    'high',
    '错误响应应为 application/problem+json（抛出 Problem）',
    'Answer errors as application/problem+json: throw a Problem',
  ),
  unknown_id_accepted: rule('high', '对不存在的 id 返回 404', 'Answer 404 where there is no such thing'),
  unknown_method_accepted: rule('high', '对不支持的方法返回 405', 'Answer 405 to a method that is not there'),
  broken_reference: rule('high', '补上被引用的 schema', 'Add the schema that is referred to'),
  allow_missing: rule('medium', '405 响应应带 Allow 头', 'Send Allow with a 405'),
  unknown_query_accepted: rule(
    'medium',
    '用 validate("query", …) 拒绝未知查询参数',
    'Refuse unknown fields of the query by validate("query", …)',
  ),
  duplicate_operation_id: rule('medium', '为每个操作使用唯一的 operationId', 'Give each operation an id of its own'),
  missing_operation_id: rule('medium', '补上 operationId', 'Add an operationId'),
  missing_header: rule('medium', '补上该响应头', 'Send the header'),
  missing_summary: rule('low', '用 describe() 说明该端点', 'Say what the endpoint does, in describe()'),
  example_mismatch: rule('medium', '修正示例，或修正 schema', 'Mend the example, or the schema'),
  undeclared_parameter: rule('medium', '在文档中声明该路径参数', "Declare the path's parameter"),
} as const satisfies Record<string, Rule>

export type RuleName = keyof typeof RULES

export interface Finding {
  readonly severity: FindingSeverity
  /** `GET /api/v1/jobs` */
  readonly endpoint: string
  readonly rule: RuleName
  /** What is wrong, in a sentence. */
  readonly message: string
  readonly expected: string
  readonly found: string
  readonly next_step: string
}

/** Before it is said in anybody's language. */
export type RawFinding = Pick<Finding, 'endpoint' | 'rule' | 'expected' | 'found'>

/** The findings of at least a severity, worst first, in a language. */
export function toldFindings(found: readonly RawFinding[], least: FindingSeverity, language: Language): Finding[] {
  const rank = (severity: FindingSeverity) => FINDING_SEVERITIES.indexOf(severity)
  return found
    .map((finding) => {
      const { severity, next } = RULES[finding.rule]
      return {
        severity,
        ...finding,
        message: MEANINGS[finding.rule][language],
        expected: wordsIn(language, finding.expected),
        found: wordsIn(language, finding.found),
        next_step: next[language],
      }
    })
    .filter(({ severity }) => rank(severity) <= rank(least))
    .toSorted((one, other) => rank(one.severity) - rank(other.severity))
}

function rule(severity: FindingSeverity, zh: string, en: string): Rule {
  return { severity, next: { zh, en } }
}
