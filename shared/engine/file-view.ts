import * as z from 'zod'
import { localTime } from '../platform/clock.ts'
import type { FileInfo } from '../platform/files.ts'
import type { StoredOutput } from './outputs.ts'

/** A file of a task, as the API shows it. */
export const FileView = z.object({
  file_name: z.string(),
  file_type: z.string(),
  file_size: z.number().int().meta({ description: 'Bytes' }),
  download_url: z.string(),
  description: z.string(),
  is_primary: z.boolean(),
  content_hash: z.string().nullable().meta({ description: 'SHA-256 in hex; null for a file that grows' }),
  step_name: z
    .string()
    .nullable()
    .meta({ description: 'The step or node that wrote it; null for files of the task itself' }),
  created_at: z.string(),
  modified_at: z.string(),
})

/** @param now what the file store says, for a file whose row doesn't keep its size */
export function fileView(output: StoredOutput, now: FileInfo | null, timeZone: string): z.infer<typeof FileView> {
  return {
    file_name: output.fileName,
    file_type: output.fileType,
    file_size: now?.size ?? output.size,
    download_url: downloadUrl(output.taskId, output.fileName),
    description: output.description,
    is_primary: output.primary,
    content_hash: output.hash,
    step_name: output.step,
    created_at: localTime(output.createdAt, timeZone),
    modified_at: localTime(now?.modifiedAt ?? output.modifiedAt, timeZone),
  }
}

function downloadUrl(taskId: string, fileName: string): string {
  return `/api/v0/data_pipeline/tasks/${encodeURIComponent(taskId)}/files/download/${encodeURIComponent(fileName)}`
}
