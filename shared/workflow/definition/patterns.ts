// A pattern of a definition is matched by the host, outside the sandbox, so that it must end whatever the text.
const PATTERN_LENGTH_MAX = 300
const STEPS_MAX = 10_000_000 // some tens of milliseconds
const REPEATS_MAX = 4

/** Whether a pattern is valid and can only take as many steps as its text has characters, to the power of its repeats. */
export function isSafePattern(pattern: string): boolean {
  if (pattern.length > PATTERN_LENGTH_MAX || repeatsOf(pattern) > REPEATS_MAX) return false
  const outside = withoutClasses(pattern)
  if (/\)\s*[*+?{]/.test(outside) || /\(\?[=!<]/.test(outside) || /\\[1-9k]/.test(pattern)) return false
  return compiled(pattern) !== null
}

/** Whether the pattern is found in the text; null when that could take too long. */
export function matchesPattern(pattern: string, text: string): boolean | null {
  const power = Math.max(1, repeatsOf(pattern)) + (pattern.startsWith('^') ? 0 : 1)
  if (text.length ** power > STEPS_MAX) return null
  return compiled(pattern)?.test(text) ?? null
}

function repeatsOf(pattern: string): number {
  // A fixed count (`{4}`) leaves no choice; anything else does.
  return [...withoutClasses(pattern).matchAll(/[*+?]|\{\d+,\d*\}/g)].length
}

/** Classes and escapes stand for one character each. */
function withoutClasses(pattern: string): string {
  return pattern.replaceAll(/\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\./gu, 'a').replaceAll(/\[[^\]]*\]/g, 'a')
}

function compiled(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return null // `isSafePattern` tells the author
  }
}
