import type { FakeTask } from './fake-api.ts'

/** A task as the API answers it. */
export function taskAnswer(changes: Partial<Record<string, unknown>> = {}): FakeTask {
  const status = String(changes.status ?? 'completed')
  const step = status === 'completed' ? 'completed' : 'pending'
  return {
    task_id: 'manual_20250627_143052',
    task_type: 'complete_workflow',
    progress: status === 'completed' ? 100 : 0,
    db_name: 'shop',
    step_status: { ddl_generation: step, qa_generation: step, sql_validation: step, training_load: step },
    created_at: '2025-06-27T14:30:52',
    started_at: '2025-06-27T14:30:53',
    completed_at: status === 'completed' ? '2025-06-27T14:31:52' : null,
    output_directory: './data_pipeline/training_data/manual_20250627_143052',
    current_execution: null,
    ...changes,
    status,
  }
}

/** A task whose first step runs. */
export function runningTask(): FakeTask {
  const execution = { execution_id: 'e1', step: 'ddl_generation', status: 'running' }
  const step_status = {
    ddl_generation: 'running',
    qa_generation: 'pending',
    sql_validation: 'pending',
    training_load: 'pending',
  }
  return taskAnswer({ status: 'in_progress', current_execution: execution, step_status })
}

export const QUALITY = {
  pairs: 2,
  executed: 2,
  non_empty: 2,
  repaired: 1,
  dropped: { empty: 3 },
  duplicates_removed: 0,
  tables: { covered: 2, total: 2, missing: [] },
  columns: { covered: 9, total: 10, missing: [{ name: 'orders.note', reason: 'all null' }] },
  foreign_keys: { covered: 0, total: 0, missing: [] },
  features: { count: 1 },
  hardness: { easy: 1, medium: 1, hard: 0, extra: 0 },
  skeletons: 2,
  sharp: 1,
}

export const PAIRS = [
  { question: 'How many orders are there?', sql: 'SELECT COUNT(*) FROM orders', hardness: 'easy' },
  { question: '各客户有多少订单？', sql: 'SELECT customer_id, COUNT(*)\nFROM orders\nGROUP BY 1', hardness: 'medium' },
]

export const FILES = {
  'quality_report.json': JSON.stringify(QUALITY),
  'orders.ddl': 'create table orders ();\n',
}
