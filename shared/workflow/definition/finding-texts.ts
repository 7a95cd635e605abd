import type { Language } from '../../platform/problems.ts'

/** What can be wrong with a definition, by code. `{…}` is filled in. */
export const FINDING_TEXTS = {
  empty: text('没有定义：内容为空', 'There is no definition: the text is empty'),
  text_too_large: text('文本有 {bytes} 字节，最多 {max} 字节', 'The text has {bytes} bytes; {max} are allowed'),
  too_deep: text('嵌套过深，最多 {max} 层', 'It is nested too deeply; {max} levels are allowed'),
  too_many_values: text(
    '展开后的值超过 {max} 个（锚点与别名计入展开结果）',
    'It holds more than {max} values, with aliases written out',
  ),
  too_many_aliases: text('别名超过 {max} 个', 'There are more than {max} aliases'),
  alias_cycle: text('别名 *{name} 引用了它自身所在的内容', 'The alias *{name} refers to what it is part of'),
  alias_unknown: text('别名 *{name} 没有对应的锚点', 'The alias *{name} has no anchor'),
  syntax: text('语法错误：{detail}', 'Syntax error: {detail}'),
  several_documents: text('只能包含一个文档（不要使用 --- 分隔）', 'There must be one document, without a --- between'),
  duplicate_key: text('键“{name}”出现了多次', 'The key "{name}" appears more than once'),
  bad_key: text('键必须是文本', 'A key must be a text'),
  forbidden_key: text('不允许使用键“{name}”', 'The key "{name}" is not allowed'),
  unknown_tag: text('不支持标签 {tag}', 'The tag {tag} is not supported'),
  not_json: text('{value} 不是 JSON 值', '{value} is not a JSON value'),
  bad_text: text(
    '文本含有 NUL 或不成对的代理字符，无法存储',
    'The text has a NUL or half a character, which can not be stored',
  ),
  not_an_object: text(
    '应为由键和值组成的对象，而不是{found}',
    'This must be an object of keys and values, not {found}',
  ),
  unknown_field: text('未知字段“{name}”', 'Unknown field "{name}"'),
  missing_field: text('缺少必需字段“{name}”', 'The field "{name}" is missing'),
  wrong_type: text('应为{expected}，而不是{found}', 'This must be {expected}, not {found}'),
  empty_text: text('不能为空', 'This must not be empty'),
  too_long: text('有 {length} 个字符，最多 {max} 个', 'This has {length} characters; {max} are allowed'),
  too_many: text('有 {count} 项，最多 {max} 项', 'There are {count}; {max} are allowed'),
  out_of_range: text('{value} 超出范围：{min} 至 {max}', '{value} is out of range: {min} to {max}'),
  bad_id: text(
    'id“{id}”无效：以字母或数字开头，仅含字母、数字、下划线和连字符，最多 80 个字符',
    'The id "{id}" is not valid: a letter or digit, then letters, digits, underscores and hyphens, at most 80',
  ),
  other_id: text('id“{id}”与工作流“{expected}”不符', 'The id "{id}" is not that of the workflow "{expected}"'),
  bad_name: text(
    '名称“{name}”无效：以小写字母开头，仅含小写字母、数字和下划线，最多 50 个字符',
    'The name "{name}" is not valid: a lower-case letter, then lower-case letters, digits and underscores, at most 50',
  ),
  reserved_name: text('名称“{name}”已保留，请换一个', 'The name "{name}" is reserved; choose another'),
  duplicate_name: text('名称“{name}”出现了多次', 'The name "{name}" appears more than once'),
  bad_version: text(
    '版本“{value}”不是语义化版本，例如 "1.0.0"（加引号）',
    'The version "{value}" is not a semantic version such as "1.0.0", in quotes',
  ),
  unknown_executor: text('未知执行器“{value}”，可选：{known}', 'Unknown executor "{value}"; known are {known}'),
  unknown_type: text('未知类型“{value}”，可选：{known}', 'Unknown type "{value}"; known are {known}'),
  unknown_step: text('未知步骤“{value}”，可选：{known}', 'Unknown step "{value}"; known are {known}'),
  sandbox_off: text(
    'code 节点只能在沙箱中运行，不能关闭 sandbox',
    'A code node runs in the sandbox only; sandbox can not be off',
  ),
  body_not_its_own: text(
    '{executor} 节点不使用字段“{name}”',
    'A node of type {executor} does not use the field "{name}"',
  ),
  no_outputs: text('至少需要一个输出', 'At least one output is needed'),
  no_main: text('代码必须定义 function main(inputs)', 'The code must define function main(inputs)'),
  code_syntax: text('代码有语法错误：{detail}', 'The code has a syntax error: {detail}'),
  module_syntax: text('沙箱中没有模块：不能使用 {word}', 'There are no modules in the sandbox: {word} can not be used'),
  code_too_large: text('代码有 {bytes} 字节，最多 {max} 字节', 'The code has {bytes} bytes; {max} are allowed'),
  prompt_injection: text(
    '说明中含有写给模型的指令（“{found}”）；说明只应描述节点',
    'The description holds instructions to a model ("{found}"); it should only describe the node',
  ),
  hidden_text: text(
    '含有看不见的字符（{found}），请删除',
    'There are characters that nobody sees ({found}); remove them',
  ),
  unknown_input: text('没有名为“{name}”的输入', 'There is no input "{name}"'),
  missing_input: text('缺少必需的输入“{name}”', 'The input "{name}" is missing'),
  unknown_output: text('没有名为“{name}”的输出', 'There is no output "{name}"'),
  missing_output: text('缺少声明的输出“{name}”', 'The declared output "{name}" is missing'),
  unknown_keyword: text('JSON Schema 关键字“{name}”不受支持', 'The JSON Schema keyword "{name}" is not supported'),
  bad_schema: text('JSON Schema 无效：{detail}', 'The JSON Schema is not valid: {detail}'),
  unsafe_pattern: text(
    '正则表达式可能耗时过长或无效：避免对分组重复、回溯引用和环视',
    'The pattern is not valid or may take too long: no repeated groups, back references or look-around',
  ),
  not_in_enum: text('{value} 不在允许的值中：{known}', '{value} is not one of {known}'),
  too_short: text('有 {length} 个字符，至少 {min} 个', 'This has {length} characters; at least {min} are needed'),
  too_few: text('有 {count} 项，至少 {min} 项', 'There are {count}; at least {min} are needed'),
  pattern_mismatch: text('“{value}”不匹配 {pattern}', '"{value}" does not match {pattern}'),
  pattern_unchecked: text(
    '文本有 {length} 个字符，过长而无法匹配 {pattern}',
    'With {length} characters the text is too long to be matched with {pattern}',
  ),
  not_multiple: text('{value} 不是 {of} 的倍数', '{value} is not a multiple of {of}'),
  not_unique: text('各项不能重复', 'The items must differ'),
  no_alternative: text('不符合任何一种允许的形式', 'This fits none of the forms that are allowed'),
  not_allowed: text('不允许这样的值', 'Such a value is not allowed'),
  unused_input: text('输入“{name}”没有被使用', 'The input "{name}" is not used'),
  unknown_parameter: text('“{name}”不是声明的输入', '"{name}" is not a declared input'),
  not_a_query: text('不是一条只读查询：{detail}', 'This is not one read-only query: {detail}'),
} as const satisfies Record<string, Readonly<Record<Language, string>>>

export type FindingCode = keyof typeof FINDING_TEXTS

function text(zh: string, en: string): { readonly zh: string; readonly en: string } {
  return { zh, en }
}
