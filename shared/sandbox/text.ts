import type { Language } from '../platform/problems.ts'

/** What the sandbox says to people. */
export type Text = Readonly<Record<Language, string>>
