import type { Language } from '../../platform/problems.ts'

type Text = Readonly<Record<Language, string>>
const text = (zh: string, en: string): Text => ({ zh, en })

/** What each rule has found, in a sentence. */
export const MEANINGS = {
  no_answer: text('没有响应', 'There is no answer'),
  server_error: text('服务器内部错误', 'It fails inside'),
  invalid_document: text('OpenAPI 文档不合法', 'The OpenAPI document is not valid'),
  undocumented_status: text('返回了文档中没有的状态码', 'It answers a status that is not described'),
  wrong_content_type: text('响应类型与文档不一致', 'The type of the answer is not the one described'),
  schema_mismatch: text('响应体与文档不一致', 'The answer is not as described'),
  not_a_problem: text('错误响应的格式不对', 'An error is not told as a problem'),
  unknown_id_accepted: text('接受了不存在的 id', 'It accepts an id that there is not'),
  unknown_method_accepted: text('接受了不支持的方法', 'It accepts a method that there is not'),
  broken_reference: text('引用的 schema 不存在', 'A schema that is referred to does not exist'),
  allow_missing: text('405 响应缺少 Allow 头', 'A 405 comes without Allow'),
  unknown_query_accepted: text('接受了未知的查询参数', 'It accepts an unknown field of the query'),
  duplicate_operation_id: text('operationId 重复', 'Two operations have the same id'),
  missing_operation_id: text('缺少 operationId', 'The operation has no id'),
  missing_header: text('缺少响应头', 'A header is missing'),
  missing_summary: text('端点没有说明', 'Nothing says what the endpoint does'),
  undeclared_parameter: text('路径参数没有声明', 'A parameter of the path is not declared'),
  example_mismatch: text('文档中的示例不符合自身的 schema', 'An example is not as its own schema says'),
} as const satisfies Record<string, Text>

// Names, types, values and statuses stay as they are; only these words around them are anybody's language.
const WORDS_ZH: readonly (readonly [RegExp, string])[] = [
  [/^an answer$/, '有响应'],
  [/^an OpenAPI document$/, 'OpenAPI 文档'],
  [/^an example that its schema allows$/, '符合 schema 的示例'],
  [/^a JSON object$/, 'JSON 对象'],
  [/^one of its own$/, '唯一的 operationId'],
  [/^summary or description$/, 'summary 或 description'],
  [/^(?:none|nothing)$/, '无'],
  [/^(\d+) as described$/, '$1，与文档一致'],
  [/^(\d+) for (.+)$/, '$1（请求 $2）'],
  [/: should be one of (.+?), is (.+?)(?=; |$)/g, '：应为 $1 之一，实为 $2'],
  [/: should be (.+?), is (.+?)(?=; |$)/g, '：应为 $1，实为 $2'],
  [/: nothing is allowed here/g, '：此处不允许有内容'],
  [/: the schema refers to (\S+), which there is not/g, '：schema 引用了不存在的 $1'],
  [/: fits none of (\d+) schemas/g, '：不符合 $1 个 schema 中的任何一个'],
  [/: is shorter than (\d+)/g, '：长度小于 $1'],
  [/: is longer than (\d+)/g, '：长度大于 $1'],
  [/: (\S+) is less than (\S+)/g, '：$1 小于 $2'],
  [/: (\S+) is more than (\S+)/g, '：$1 大于 $2'],
  [/: (.+?) does not match (\S+)/g, '：$1 不匹配 $2'],
  [/: (\S+) is missing/g, '：缺少 $1'],
  [/: is not described/g, '：文档中没有'],
  [/: has fewer than (\d+) items/g, '：少于 $1 项'],
  [/: has more than (\d+) items/g, '：多于 $1 项'],
  [/: (\S+) is too (?:small|large)/g, '：$1 超出范围'],
  [/: (.+?) is no (\S+)/g, '：$1 不是 $2'],
  [/ or (?=\S)/g, ' 或 '],
]

/** What was expected or found, in a language. */
export function wordsIn(language: Language, words: string): string {
  if (language === 'en') return words
  return WORDS_ZH.reduce((told, [pattern, zh]) => told.replace(pattern, zh), words)
}
