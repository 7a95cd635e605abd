import type { Text } from '../language.ts'

const MEASURES: Readonly<Record<string, Text>> = {
  pairs_executed: { zh: '可执行的问答对', en: 'pairs that execute' },
  pairs_non_empty: { zh: '有结果的问答对', en: 'pairs with a result' },
  tables: { zh: '覆盖的表', en: 'tables covered' },
  views: { zh: '覆盖的视图', en: 'views covered' },
  columns: { zh: '覆盖的列', en: 'columns covered' },
  columns_in_three_pairs: { zh: '至少三次用到的列', en: 'columns in three pairs' },
  foreign_keys: { zh: '关联过的外键', en: 'foreign keys joined' },
  two_hop_joins: { zh: '三表关联路径', en: 'joins of three tables' },
  inferred_keys: { zh: '推断出的外键', en: 'keys inferred' },
  literals_in_data: { zh: '数据中存在的条件值', en: 'literals in the data' },
  low_cardinality_values: { zh: '用到的枚举值', en: 'listed values used' },
  features: { zh: 'SQL 特性', en: 'SQL features' },
  hardness_easy: { zh: '难度：易', en: 'hardness easy' },
  hardness_medium: { zh: '难度：中', en: 'hardness medium' },
  hardness_hard: { zh: '难度：难', en: 'hardness hard' },
  hardness_extra: { zh: '难度：极难', en: 'hardness extra' },
  distinct_statements: { zh: '不重复的 SQL', en: 'distinct statements' },
  distinct_questions: { zh: '不重复的问题', en: 'distinct questions' },
  skeletons: { zh: 'SQL 骨架', en: 'SQL skeletons' },
  sharp_pairs: { zh: '有区分度的问答对', en: 'sharp pairs' },
  questions_plain: { zh: '表述自然的问题', en: 'plain questions' },
  ddl_files: { zh: 'DDL 文件', en: 'DDL files' },
  documents: { zh: '文档内容', en: 'documents complete' },
  repaired: { zh: '修复成功', en: 'broken pairs repaired' },
  second_load: { zh: '重复加载', en: 'second load' },
  retrieval: { zh: '检索', en: 'retrieval' },
  speed: { zh: '速度', en: 'speed' },
  pairs_digest: { zh: '问答对摘要值', en: 'digest of the pairs' },
  statements_refused: { zh: '被拒绝的语句', en: 'statements refused' },
}

const REASONS: Readonly<Record<string, Text>> = {
  not_used: { zh: '未用到', en: 'not used' },
  not_in_data: { zh: '数据中不存在', en: 'not in the data' },
  empty_table: { zh: '空表', en: 'empty table' },
  all_null: { zh: '全为空值', en: 'all null' },
  no_matching_rows: { zh: '没有匹配的行', en: 'no matching rows' },
  unread: { zh: '未能读取', en: 'could not be read' },
  never_refreshed: { zh: '从未刷新', en: 'never refreshed' },
  no_rows: { zh: '没有数据', en: 'no rows' },
  no_number_column: { zh: '没有数值列', en: 'no number column' },
  no_date_column: { zh: '没有日期列', en: 'no date column' },
  no_text_column: { zh: '没有文本列', en: 'no text column' },
  no_foreign_key: { zh: '没有外键', en: 'no foreign key' },
  no_two_foreign_keys: { zh: '外键不足两个', en: 'no two foreign keys' },
  no_self_key: { zh: '没有自引用外键', en: 'no key to its own table' },
  no_array_column: { zh: '没有数组列', en: 'no array column' },
  no_json_column: { zh: '没有 JSON 列', en: 'no JSON column' },
  no_search_column: { zh: '没有全文检索列', en: 'no text search column' },
  inferred: { zh: '由名称和数据推断', en: 'from names and data' },
  nothing_to_measure: { zh: '没有可测量的内容', en: 'nothing to measure' },
  precision_needs_the_truth: { zh: '准确率需要人工核对', en: 'precision needs a person who knows' },
  as_far_as_a_program_sees: { zh: '仅限程序能检查的部分', en: 'as far as a program sees' },
  replayed_in_tests_only: { zh: '只检查文件是否存在，回放由测试完成', en: 'presence only; tests replay them' },
  told_by_training_load_log: { zh: '见 training_load 日志', en: 'see the log of training_load' },
  measured_after_the_load: { zh: '加载之后才能测量', en: 'known after the load only' },
  told_by_validation_report_and_bench_dataset: {
    zh: '见验证报告的 duration_ms 和 npm run bench:dataset',
    en: 'see duration_ms of the validation report, and npm run bench:dataset',
  },
  equal_for_equal_seed_and_data: { zh: '种子和数据相同则相同', en: 'equal for equal seed and data' },
  kept_out_of_the_pairs: { zh: '不会出现在问答对中', en: 'kept out of the pairs' },
  files_not_read: { zh: '未读取文件', en: 'files not read' },
  snake_case: { zh: '含有下划线名称', en: 'has snake_case' },
  quotes: { zh: '含有引号', en: 'has quotes' },
  sql_word: { zh: '含有 SQL 关键字', en: 'has SQL words' },
  value_not_said: { zh: '未说出条件值', en: 'value not said' },
  excluded: { zh: '已排除', en: 'excluded' },
  possible_here: { zh: '此库可用', en: 'possible here' },
  not_looked_up: { zh: '未能查证', en: 'not looked up' },
  same_result: { zh: '变异后结果相同', en: 'same result when changed' },
  no_ddl_file: { zh: '缺少 DDL 文件', en: 'no DDL file' },
  no_document: { zh: '缺少文档', en: 'no document' },
  comment_left_out: { zh: '遗漏注释', en: 'comment left out' },
  column_left_out: { zh: '遗漏列', en: 'column left out' },
  empty: { zh: '无结果', en: 'empty' },
}

const LIMITS: Readonly<Record<string, Text>> = {
  no_llm: { zh: '未使用大模型', en: 'no language model' },
  tokens_of_kept_answers: { zh: 'token 的计数范围', en: 'what tokens count' },
  source_can_not_stop: { zh: '数据源不能中止语句', en: 'the source can not stop a statement' },
  database_empty: { zh: '数据库没有数据', en: 'the database is empty' },
  pairs_on_empty_tables: { zh: '涉及空表的问答对', en: 'pairs on empty tables' },
  rows_capped: { zh: '只读取了部分行', en: 'rows capped' },
  sharpness_sampled: { zh: '区分度为抽样', en: 'sharpness sampled' },
  relations_unread: { zh: '未能读取的表', en: 'relations not read' },
  relations_sampled: { zh: '抽样的表', en: 'relations sampled' },
  literals_not_looked_up: { zh: '部分条件值未查证', en: 'not every literal looked up' },
  literals_unanswered: { zh: '条件值查证超时', en: 'look-ups without an answer' },
}

/** A measure's name for people; one that is not known stays as it is. */
export function measureWord(name: string): Text {
  return MEASURES[name] ?? { zh: name, en: name }
}

/** A limit's name for people. */
export function limitWord(name: string): Text {
  return LIMITS[name] ?? { zh: name, en: name }
}

const ASKED: Readonly<Record<string, Text>> = {
  'no insert, no update': { zh: '不新增不更新', en: 'no insert, no update' },
  'own question first': { zh: '原问题排第一', en: 'own question first' },
  '<= 5 ms a table': { zh: '每表 <= 5 ms', en: '<= 5 ms a table' },
  'byte-identical pairs': { zh: '逐字节相同', en: 'byte-identical pairs' },
}

/** What a target asks, for people; figures stay as they are. */
export function askedText(asked: string, language: keyof Text): string {
  return ASKED[asked]?.[language] ?? asked
}

/** A reason for people: codes are translated wherever they stand, the rest (a database's own words) is kept. */
export function reasonText(reason: string, language: keyof Text): string {
  const uses = /^in_(\d+)_pairs$/.exec(reason)?.[1]
  if (uses !== undefined) return language === 'zh' ? `只出现 ${uses} 次` : `in ${uses} pairs`
  return reason.replaceAll(/[a-z]+(?:_[a-z]+)*/g, (code) => REASONS[code]?.[language] ?? code)
}
