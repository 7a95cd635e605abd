import * as z from 'zod'
import { type ApiKey, readApiKeys } from './api-keys.ts'
import { ENVELOPE } from './envelope.ts'
import { type FaultSettings, faultSettingsText, readFaultSettings } from './fault-settings.ts'
import { maskUrl } from './mask.ts'

const optionalText = z.string().trim().min(1).optional()
const webAddress = z.url({ protocol: /^https?$/ })
const positive = z.coerce.number().int().positive()
const apiKeys = z.string().transform((text, context): readonly ApiKey[] => {
  const read = readApiKeys(text)
  if (read.ok) return read.keys
  for (const message of read.problems) context.addIssue({ code: 'custom', message })
  return z.NEVER
})
const faults = z.string().transform((text, context): FaultSettings => {
  const read = readFaultSettings(text)
  if (read.ok) return read.settings
  for (const message of read.problems) context.addIssue({ code: 'custom', message })
  return z.NEVER
})

/** Every setting of Helix, by the name of its environment variable. */
const Environment = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  HELIX_FILES_ROOT: z.string().trim().min(1).default('./data_pipeline/training_data'),
  HELIX_TABLE_LISTS_DIR: z.string().trim().min(1).default('./data_pipeline'),
  HELIX_DATA_DIR: z.string().trim().min(1).default('.helix'),
  API_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  HELIX_HOST: z.string().trim().min(1).default('127.0.0.1'),
  HELIX_AUTH: z.enum(['off', 'keys']).default('off'),
  HELIX_API_KEYS: apiKeys.optional(),
  HELIX_SECRET_KEY: z.string().min(16, 'must have at least 16 characters').optional(),
  HELIX_CONCURRENCY_MODE: z.enum(['serial', 'parallel', 'mixed']).default('mixed'),
  HELIX_MAX_RUNNING_TASKS: positive.max(1000).default(4),
  HELIX_STEPS_PER_RUNNER: positive.max(1000).default(2),
  HELIX_LOCAL_QUEUE: z.enum(['memory', 'store']).default('memory'),
  HELIX_LANGUAGE: z.enum(['zh', 'en', 'auto']).default('auto'),
  HELIX_TIME_ZONE: z.string().refine(isTimeZone, 'is not a known time zone').optional(),
  HELIX_STEP_TIMEOUT_MINUTES: positive.max(24 * 60).default(120),
  HELIX_SLICE_SECONDS: positive.max(ENVELOPE.slice.max).default(ENVELOPE.slice.max),
  HELIX_ENVELOPE: z.enum(['enforce', 'warn']).default('enforce'),
  HELIX_FAULTS: faults.optional(),
  HELIX_LLM_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  HELIX_LLM_API_KEY: optionalText,
  HELIX_LLM_MODEL: optionalText,
  HELIX_EMBEDDING_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  HELIX_EMBEDDING_API_KEY: optionalText,
  HELIX_EMBEDDING_MODEL: optionalText,
  HELIX_ALERT_WEBHOOK_URL: webAddress.optional(),
  HELIX_ALERT_WEBHOOK_SECRET: optionalText,
  HELIX_ALERT_SLACK_URL: webAddress.optional(),
  HELIX_ALERT_DINGTALK_URL: webAddress.optional(),
  HELIX_ALERT_DINGTALK_SECRET: optionalText,
  HELIX_ALERT_EMAIL_TO: optionalText,
  HELIX_ALERT_EMAIL_FROM: optionalText,
  HELIX_SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  HELIX_HEARTBEAT_URL: webAddress.optional(),
  HELIX_LOG_LEVEL: z.enum(['debug', 'info', 'warning', 'error']).default('info'),
  HELIX_LOG_FILE_MB: positive.max(10_000).default(100),
  HELIX_LOG_KEEP_DAYS: positive.max(3650).default(14),
  HELIX_LOG_TOTAL_MB: positive.max(1_000_000).default(2_000),
  HELIX_TASK_KEEP_DAYS: positive.max(3650).default(30),
  HELIX_TASK_LOG_KEEP_DAYS: positive.max(3650).default(30),
  HELIX_RECORD_KEEP_DAYS: positive.max(3650).default(90),
  HELIX_AUDIT_KEEP_DAYS: positive.max(3650).default(365),
  HELIX_SLOW_QUERY_SECONDS: positive.max(24 * 60 * 60).default(30),
  HELIX_IDLE_TRANSACTION_SECONDS: positive.max(24 * 60 * 60).default(30),
})

/** Every variable that is read; besides them `HELIX_SOURCE_<NAME>_URL`, once for each source. */
export const SETTINGS: readonly string[] = Object.keys(Environment.shape)

const SOURCE_VARIABLE = /^HELIX_SOURCE_([A-Z0-9_]+)_URL$/
const SECRET_VARIABLES = new Set([
  'HELIX_SECRET_KEY',
  'HELIX_LLM_API_KEY',
  'HELIX_EMBEDDING_API_KEY',
  'HELIX_ALERT_WEBHOOK_SECRET',
  'HELIX_ALERT_DINGTALK_SECRET',
])
// Whoever knows such an address may post there: its path or query is the password.
const SECRET_ADDRESSES = new Set([
  'HELIX_ALERT_WEBHOOK_URL',
  'HELIX_ALERT_SLACK_URL',
  'HELIX_ALERT_DINGTALK_URL',
  'HELIX_HEARTBEAT_URL',
])

export interface Config extends z.infer<typeof Environment> {
  /** Connection URL of each business database, by its lower-case name. */
  readonly sources: Readonly<Record<string, string>>
}

/** Says every bad variable at once, and no values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/**
 * The only reader of the environment. Empty variables count as unset.
 * @param where a cloud has no faults on purpose
 * @throws {ConfigError} naming every bad variable
 */
export function parseConfig(env: Readonly<Record<string, unknown>>, where: 'local' | 'cloud' = 'local'): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = Environment.safeParse(given)
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  const sources: Record<string, string> = {}
  for (const [variable, url] of Object.entries(given)) {
    const name = SOURCE_VARIABLE.exec(variable)?.[1]?.toLowerCase()
    if (name === undefined) continue
    if (isPostgresUrl(url)) sources[name] = url
    else problems.push(`${variable}: must be a postgres:// URL`)
  }
  if (parsed.success && parsed.data.HELIX_LLM_BASE_URL !== undefined && parsed.data.HELIX_LLM_MODEL === undefined) {
    problems.push('HELIX_LLM_MODEL: is needed with HELIX_LLM_BASE_URL')
  }
  if (parsed.success && parsed.data.HELIX_AUTH === 'keys' && parsed.data.HELIX_API_KEYS === undefined) {
    problems.push('HELIX_API_KEYS: is needed with HELIX_AUTH=keys')
  }
  if (
    parsed.success &&
    parsed.data.HELIX_EMBEDDING_BASE_URL !== undefined &&
    parsed.data.HELIX_EMBEDDING_MODEL === undefined
  ) {
    problems.push('HELIX_EMBEDDING_MODEL: is needed with HELIX_EMBEDDING_BASE_URL')
  }
  if (parsed.success && parsed.data.HELIX_ALERT_EMAIL_TO !== undefined && parsed.data.HELIX_SMTP_URL === undefined) {
    problems.push('HELIX_SMTP_URL: is needed with HELIX_ALERT_EMAIL_TO')
  }
  if (given.HELIX_FAULTS !== undefined && (where === 'cloud' || given.HELIX_AUTH === 'keys')) {
    problems.push('HELIX_FAULTS: is for development only: not on a cloud, not with HELIX_AUTH=keys')
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  return { ...parsed.data, sources }
}

/** The effective settings for a person to read: secrets and passwords masked. */
export function maskedConfig(config: Config): Record<string, string | number> {
  const shown: Record<string, string | number> = {}
  for (const [variable, value] of Object.entries(config)) {
    if (variable === 'sources' || value === undefined) continue
    if (variable === 'HELIX_FAULTS' && config.HELIX_FAULTS !== undefined)
      shown[variable] = faultSettingsText(config.HELIX_FAULTS)
    else if (variable === 'HELIX_API_KEYS') shown[variable] = maskKeys(config.HELIX_API_KEYS ?? [])
    else if (SECRET_ADDRESSES.has(variable)) shown[variable] = `${new URL(String(value)).origin}/******`
    else shown[variable] = SECRET_VARIABLES.has(variable) ? '******' : maskUrl(value as string | number)
  }
  for (const [name, url] of Object.entries(config.sources))
    shown[`HELIX_SOURCE_${name.toUpperCase()}_URL`] = maskUrl(url)
  return shown
}

/** Whose keys there are, without the keys. */
function maskKeys(keys: readonly ApiKey[]): string {
  return keys.map(({ name, role }) => `${name}:${role}:******`).join(',')
}

function isPostgresUrl(value: unknown): value is string {
  return typeof value === 'string' && /^postgres(ql)?:\/\//.test(value) && URL.canParse(value)
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
