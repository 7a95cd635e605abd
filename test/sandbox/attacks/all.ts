import type { Attack } from './attack.ts'
import { BOMBS } from './bombs.ts'
import { ENDLESS } from './endless.ts'
import { ESCAPES } from './escapes.ts'
import { LONG_NATIVES } from './long-natives.ts'
import { RESULTS } from './results.ts'

export const ATTACKS: readonly Attack[] = [...ENDLESS, ...LONG_NATIVES, ...BOMBS, ...ESCAPES, ...RESULTS]
