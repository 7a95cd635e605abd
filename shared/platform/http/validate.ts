import { validator } from 'hono-openapi'
import * as z from 'zod'
import { en, zhCN } from 'zod/locales'
import { type FieldError, type Language, Problem } from '../problems.ts'

const LOCALES = { zh: zhCN(), en: en() }

/**
 * Checks one part of a request against a schema and puts the schema into the API's description.
 * @throws {Problem} `invalid_request` with one entry per bad field, in the caller's language
 */
export function validate<Target extends 'json' | 'query' | 'param', Schema extends z.ZodType>(
  target: Target,
  schema: Schema,
) {
  // A field that is misspelt would otherwise be a filter that filters nothing.
  const strict = target === 'query' && schema instanceof z.ZodObject ? (schema.strict() as unknown as Schema) : schema
  return validator(target, strict, (result, c) => {
    if (result.success) return
    const issues = result.error as readonly z.core.$ZodIssue[]
    const language = (c.get('language' as never) as Language | undefined) ?? 'zh'
    const errors = issues.flatMap((issue) => fieldErrors(issue, result.data, language))
    const named = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
    throw new Problem('invalid_request', named, { errors })
  })
}

function fieldErrors(issue: z.core.$ZodIssue, given: unknown, language: Language): FieldError[] {
  const base = pathText(issue.path)
  // Unknown fields are refused by name.
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: base === '' ? key : `${base}.${key}`,
      message: language === 'zh' ? '未知字段' : 'is not a known field',
    }))
  }
  return [{ path: base, message: localized(issue, given, language) }]
}

/** An issue does not repeat what was given, and without that every field would seem to be missing. */
function localized(issue: z.core.$ZodIssue, given: unknown, language: Language): string {
  if (issue.code === 'custom') return issue.message
  const input = issue.path.reduce<unknown>((value, key) => Reflect.get(Object(value), key), given)
  const told = LOCALES[language].localeError({ ...issue, input } as z.core.$ZodRawIssue)
  return typeof told === 'string' ? told : (told?.message ?? issue.message)
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('')
}
