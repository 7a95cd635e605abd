import { BUILT_IN_STEP_NAMES, type ExecutorType, type JsonObject, type NodeDefinition } from './definition.ts'
import type { Findings } from './findings.ts'
import { nearestName } from './near-miss.ts'
import { namesInPrompt } from './prompt-text.ts'
import { parametersOf } from './query-text.ts'
import { textIn } from './shape.ts'

type Signature = Pick<NodeDefinition, 'inputs' | 'outputs'>
type Body = Pick<NodeDefinition, 'code' | 'query' | 'source' | 'prompt' | 'step'>

/** The one field that each executor works from. */
const BODY_KEYS = { code: 'code', sql: 'query', llm: 'prompt', step: 'step' } as const
const CODE_BYTES_MAX = 256 * 1024
const TEXT_LENGTH_MAX = 20_000
const MAIN = /(?:^|[^\w$.])(?:async\s+)?function\s+main\s*\(|(?:^|[^\w$.])(?:const|let|var)\s+main\s*=/
const MODULE_LINE =
  /^[ \t]*(import)\s*(?:[\w*{'"]|\s)|^[ \t]*(export)\s+(?:default|const|let|var|function|async|class|\{|\*)/m

/** Checks what an executor works from, and that there is nothing for another one. */
export function checkBody(object: JsonObject, executor: ExecutorType, signature: Signature, findings: Findings): Body {
  const own = BODY_KEYS[executor]
  for (const key of [...Object.values(BODY_KEYS), 'source']) {
    const foreign = key !== own && !(key === 'source' && executor === 'sql')
    if (foreign && object[key] !== undefined && object[key] !== null) {
      findings.error('body_not_its_own', key, { executor, name: key }, own)
    }
  }
  const max = executor === 'code' ? Number.MAX_SAFE_INTEGER : TEXT_LENGTH_MAX
  const text = textIn(object, own, '', findings, { required: true, max })
  if (signature.outputs.length === 0 && executor !== 'step') findings.error('no_outputs', 'outputs')
  if (text === undefined) return {}
  if (executor === 'code') checkCode(text, signature, findings)
  else if (executor === 'sql') checkParameters(parametersOf(text), 'query', signature, findings)
  else if (executor === 'llm') checkParameters(namesInPrompt(text), 'prompt', signature, findings)
  else checkStep(text, findings)
  const source = executor === 'sql' ? textIn(object, 'source', '', findings) : undefined
  return { [own]: text, ...(source === undefined ? {} : { source }) }
}

function checkCode(code: string, { inputs }: Signature, findings: Findings): void {
  const bytes = new TextEncoder().encode(code).length
  if (bytes > CODE_BYTES_MAX) {
    findings.error('code_too_large', 'code', { bytes, max: CODE_BYTES_MAX })
    return
  }
  const module = MODULE_LINE.exec(code)
  if (module !== null) findings.error('module_syntax', 'code', { word: module[1] ?? module[2] ?? '' })
  else if (!MAIN.test(code)) findings.error('no_main', 'code')
  for (const { name } of inputs) {
    if (!code.includes(name) && !/\binputs\s*[[)]|\.\.\.\s*inputs|in\s+inputs/.test(code)) {
      findings.warning('unused_input', 'code', { name })
    }
  }
}

function checkParameters(used: readonly string[], path: string, { inputs }: Signature, findings: Findings): void {
  const names = inputs.map(({ name }) => name)
  for (const name of used) {
    if (!names.includes(name)) findings.error('unknown_parameter', path, { name }, nearestName(name, names))
  }
  for (const name of names) {
    if (!used.includes(name) && name !== 'source') findings.warning('unused_input', path, { name })
  }
}

function checkStep(value: string, findings: Findings): void {
  if ((BUILT_IN_STEP_NAMES as readonly string[]).includes(value)) return
  const known = BUILT_IN_STEP_NAMES.join(', ')
  findings.error('unknown_step', 'step', { value, known }, nearestName(value, BUILT_IN_STEP_NAMES))
}
