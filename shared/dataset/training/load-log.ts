import type { LoadAnswer } from './load.ts'

export interface LoadRun {
  readonly taskId: string
  readonly source: string
  /** As people read times. */
  readonly startedAt: string
  readonly finishedAt: string
  readonly model: string
  readonly dimension: number
  readonly vectorType: 'vector' | 'real[]'
  readonly items: Readonly<Record<'sql' | 'ddl' | 'documentation', number>>
  readonly answer: LoadAnswer
}

/** `training_load_{task_id}.log`. */
export function loadLogText(run: LoadRun, language: 'zh' | 'en'): string {
  const { items, answer } = run
  const exact =
    run.vectorType === 'vector'
      ? { zh: '', en: '' }
      : {
          zh: '（该数据库没有 vector 类型，向量以 real[] 保存并精确比较；安装 pgvector 后重新加载即可使用）',
          en: ' (this server has no vector type: vectors are kept as real[] and compared exactly)',
        }
  const lines = {
    zh: [
      '训练数据加载',
      `任务: ${run.taskId}`,
      `数据源: ${run.source}`,
      `时间: ${run.startedAt} – ${run.finishedAt}`,
      `向量模型: ${run.model}，${run.dimension} 维，${run.vectorType}${exact.zh}`,
      `问答对: ${items.sql}，DDL: ${items.ddl}，文档: ${items.documentation}`,
      `新增: ${answer.inserted}，未变: ${answer.unchanged}，删除过期: ${answer.removed}，重新向量化: ${answer.reembedded}`,
    ],
    en: [
      'Training load',
      `Task: ${run.taskId}`,
      `Source: ${run.source}`,
      `Time: ${run.startedAt} – ${run.finishedAt}`,
      `Embedding model: ${run.model}, ${run.dimension} dimensions, ${run.vectorType}${exact.en}`,
      `Pairs: ${items.sql}, DDL: ${items.ddl}, documents: ${items.documentation}`,
      `Inserted: ${answer.inserted}, unchanged: ${answer.unchanged}, stale removed: ${answer.removed}, embedded again: ${answer.reembedded}`,
    ],
  }
  return `${lines[language].join('\n')}\n`
}
