import type { Language } from '../platform/problems.ts'
import type { Sandbox } from '../platform/sandbox.ts'
import { createFindings } from './definition/findings.ts'
import type { ParsedNode } from './definition/parse-node.ts'

const TIMEOUT_MS = 2_000 // compiling 256 KiB takes a tenth of it
const LINES_BEFORE = 2

/** What was parsed, and a finding where the code of the node is no JavaScript. The code is compiled, not run. */
export async function withSyntaxChecked(sandbox: Sandbox, parsed: ParsedNode, language: Language): Promise<ParsedNode> {
  const code = parsed.definition?.code
  if (code === undefined) return parsed
  // Inside a function that nobody calls.
  const { error } = await sandbox.run({
    code: `function main() { return {} }\nfunction unused() {\n${code}\n}`,
    inputs: {},
    limits: { timeout_ms: TIMEOUT_MS },
  })
  if (error?.code !== 'sandbox_syntax') return parsed
  const line = Math.max(1, (error.line ?? LINES_BEFORE + 1) - LINES_BEFORE)
  const column = error.column ?? 1
  const { codeBlock: block } = parsed
  const place =
    block === undefined ? parsed.codePlace : { line: block.line + line - 1, column: block.column + column - 1 }
  const findings = createFindings(language, () => place)
  findings.error('code_syntax', 'code', { detail: `${error.message} (${line}:${column})` })
  return { ...parsed, definition: null, findings: [...parsed.findings, ...findings.list] }
}
