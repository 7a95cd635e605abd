/** The built-in workflow: its steps in order, what they wait for, and where a task's progress stands before and after each. */
export const STEPS = ['ddl_generation', 'qa_generation', 'sql_validation', 'training_load'] as const
export type StepName = (typeof STEPS)[number]

interface StepDefinition {
  /** The function that runs it, by its name in the manifest. */
  readonly function: string
  readonly dependsOn: StepName | null
  /** Percent of the task before and after. */
  readonly progress: readonly [from: number, to: number]
  /** The files that are the step's own: a re-run with `clean_previous` removes these and no others. */
  readonly files: readonly RegExp[]
  readonly title: { readonly zh: string; readonly en: string }
}

export const PIPELINE: Readonly<Record<StepName, StepDefinition>> = {
  ddl_generation: {
    function: 'ddl-generation',
    dependsOn: null,
    progress: [0, 40],
    files: [/\.ddl$/, /_detail\.md$/, /^metadata\.txt$/],
    title: { zh: 'DDL 与文档生成', en: 'DDL and documents' },
  },
  qa_generation: {
    function: 'qa-generation',
    dependsOn: 'ddl_generation',
    progress: [40, 70],
    files: [/^qs_.*\.json$/, /^qs_.*\.json\.backup$/, /^training_data\.jsonl$/, /^pairs_on_empty_tables\.json$/],
    title: { zh: '问答对生成', en: 'Question–SQL pairs' },
  },
  sql_validation: {
    function: 'sql-validation',
    dependsOn: 'qa_generation',
    progress: [70, 90],
    files: [/^sql_validation_.*\.(log|json)$/, /^quality_report\.json$/, /^file_modifications_.*\.log$/],
    title: { zh: 'SQL 验证', en: 'SQL validation' },
  },
  training_load: {
    function: 'training-load',
    dependsOn: 'sql_validation',
    progress: [90, 100],
    files: [/^training_load_.*\.log$/],
    title: { zh: '训练数据加载', en: 'Training load' },
  },
}

export function isStep(name: string): name is StepName {
  return (STEPS as readonly string[]).includes(name)
}

/** The steps that come after one, in order. */
export function stepsAfter(step: StepName): readonly StepName[] {
  return STEPS.slice(STEPS.indexOf(step) + 1)
}
