import * as z from 'zod'
import { localTime } from '../../platform/clock.ts'
import { TRAINING_KINDS } from './items.ts'
import type { TrainingHit } from './search.ts'
import type { StoredItem } from './store.ts'

/** Something learned, as the API shows it. */
export const TrainingItemView = z.object({
  id: z.string(),
  kind: z.enum(TRAINING_KINDS),
  db_name: z.string().nullable().meta({ description: 'Its source; null for rows that Vanna has written' }),
  task_id: z.string().nullable(),
  tables: z.array(z.string()),
  document: z.string().meta({ description: 'What Vanna reads; for a pair the JSON text of question and sql' }),
})

export const TrainingHitView = TrainingItemView.extend({
  score: z.number().meta({ description: 'Higher is better; comparable within one list only' }),
  similarity: z.number().nullable().meta({ description: 'Cosine; null when only words matched' }),
})

export const StoredItemView = TrainingItemView.extend({ embedding_model: z.string(), updated_at: z.string() })

export function trainingHitView({ source, taskId, ...hit }: TrainingHit): z.infer<typeof TrainingHitView> {
  const { id, kind, document, score, similarity } = hit
  return { id, kind, db_name: source, task_id: taskId, tables: [...hit.tables], document, score, similarity }
}

export function storedItemView(item: StoredItem, timeZone: string): z.infer<typeof StoredItemView> {
  return {
    id: item.id,
    kind: item.kind,
    db_name: item.source,
    task_id: item.taskId,
    tables: [...item.tables],
    document: item.document,
    embedding_model: item.embeddingModel,
    updated_at: localTime(item.updatedAt, timeZone),
  }
}
