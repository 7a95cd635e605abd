import type { Platform } from '../../platform/platform.ts'
import type { Language } from '../../platform/problems.ts'
import { readSettings } from '../../platform/settings.ts'
import type { Json } from '../definition/definition.ts'
import { freeName, listNodes } from '../node-store.ts'
import { matchTemplates, type TemplateMatch } from '../templates/all.ts'
import { type Candidate, rankCandidates } from './candidates.ts'
import { checkRequest, type RequestCheck } from './checks.ts'
import { type Draft, draftFromTemplate, skeleton } from './draft.ts'
import { draftFromLlm } from './llm-draft.ts'
import { factsOf, type RequestFacts } from './request-facts.ts'

/** What is to be done with a request, and why. */
export interface Decision {
  readonly action: 'use_existing' | 'create_dynamic_node' | 'reject'
  /** In sentences, the deciding one first. */
  readonly reasons: readonly string[]
  /** The rule that decided. */
  readonly rule: string
  readonly checks: readonly RequestCheck[]
  /** What exists, the best first. */
  readonly candidates: readonly Candidate[]
  /** The first candidate, for `use_existing`. */
  readonly use: Candidate | null
  readonly draft: Draft | null
  /** `inputs`, `outputs`: what the request leaves open. */
  readonly missing: readonly string[]
}

const NODES_MAX = 500 // the newest version of each; more are not looked through for one request
const USE_FROM = 0.6
const MEANING_FROM = 0.5
const SIGNATURE_FROM = 0.75

/** Decides by rules that can be read: the checks first, then what exists, then what can be drafted. */
export async function decide(
  platform: Platform,
  request: { readonly text: string; readonly context?: Json },
  language: Language,
): Promise<Decision> {
  const facts = factsOf(request.text, request.context)
  const checks = checkRequest(facts, language)
  const nodes = (await listNodes(platform.store, {}, { limit: NODES_MAX })).map(({ definition }) => definition)
  const candidates = rankCandidates(facts, nodes)
  const missing = checks.find(({ name }) => name === 'completeness')?.found ?? []
  const base = { checks, candidates, missing, use: null, draft: null }
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en)

  const [best] = candidates
  const pipeline = best?.kind === 'workflow' && best.score >= USE_FROM
  const broken = ['safety', 'boundary'].flatMap((name) =>
    checks.filter((check) => check.name === name && !check.passed),
  )
  const decisive = broken.find((check) => !pipeline || !isForPipeline(check))
  if (decisive !== undefined) {
    return { ...base, action: 'reject', rule: decisive.name, reasons: [decisive.message] }
  }
  if (best !== undefined && isGoodEnough(best)) {
    return { ...base, action: 'use_existing', rule: 'exists', use: best, reasons: [reasonFor(best, say)] }
  }
  const matches = matchTemplates(facts.text)
  const complete = missing.length === 0
  if (!complete && matches.length === 0) {
    const told = checks.find(({ name }) => name === 'completeness')?.message ?? ''
    return { ...base, action: 'reject', rule: 'completeness', reasons: [told] }
  }
  if (!(await readSettings(platform.store)).dynamic_node_creation_enabled) {
    const off = say(
      '动态节点创建已停用（dynamic_node_creation_enabled）',
      'The creation of dynamic nodes is switched off',
    )
    return { ...base, action: 'reject', rule: 'dynamic_nodes_disabled', reasons: [off] }
  }
  const draft = await draftFor(platform, facts, matches[0], language)
  const reasons = [
    best === undefined
      ? say('没有现有节点能满足需求', 'No node that exists does this')
      : say(
          `最接近的“${best.name}”只有 ${percent(best)} 相符`,
          `The nearest, "${best.name}", fits by ${percent(best)} only`,
        ),
    ...draftReasons(draft, matches[0], say),
    ...checks.filter(({ passed }) => !passed).map(({ message }) => message),
  ]
  return { ...base, action: 'create_dynamic_node', rule: `draft_${draft.by}`, draft, reasons }
}

/** The pipeline itself is more than one node, and writes files. */
function isForPipeline({ name, needs = [] }: RequestCheck): boolean {
  return name === 'boundary' || needs.every((need) => need === 'files')
}

type Say = (zh: string, en: string) => string

function isGoodEnough({ score, meaning, signature }: Candidate): boolean {
  return score >= USE_FROM && meaning >= MEANING_FROM && (signature === null || signature >= SIGNATURE_FROM)
}

function reasonFor(candidate: Candidate, say: Say): string {
  const { kind, name, matched, signature } = candidate
  const what = { node: say('节点', 'node'), step: say('步骤', 'step'), workflow: say('工作流', 'workflow') }[kind]
  const shared = matched.slice(0, 6).join(', ')
  const io =
    signature === null
      ? ''
      : say(`；输入输出相符 ${signature * 100}%`, `; inputs and outputs fit by ${signature * 100} %`)
  return say(
    `已有${what}“${name}”，含义相符 ${percent(candidate)}（${shared}）${io}`,
    `The ${what} "${name}" does this: ${percent(candidate)} alike (${shared})${io}`,
  )
}

async function draftFor(
  platform: Platform,
  facts: RequestFacts,
  match: TemplateMatch | undefined,
  language: Language,
): Promise<Draft> {
  const draft =
    (await draftFromLlm(platform, facts, language)) ??
    (match === undefined ? skeleton(facts, language) : draftFromTemplate(facts, match, language))
  const name = await freeName(platform.store, draft.definition.name)
  return { ...draft, definition: { ...draft.definition, name } }
}

function draftReasons(draft: Draft, match: TemplateMatch | undefined, say: Say): readonly string[] {
  const unused =
    draft.unused.length === 0
      ? []
      : [say(`草稿未使用输入：${draft.unused.join('、')}`, `The draft does not use: ${draft.unused.join(', ')}`)]
  if (draft.by === 'llm')
    return [say('代码由大模型编写，并通过了自带的测试', 'The model wrote the code, and it passes its tests'), ...unused]
  if (draft.by === 'skeleton') {
    return [
      say(
        '没有合适的模板：草稿只有输入输出，代码待填写',
        'No template fits: the draft has inputs and outputs, and code to be written',
      ),
    ]
  }
  const words = (match?.words ?? []).join(', ')
  return [
    say(`“${words}”对应模板 ${draft.template}`, `"${words}" is what the template ${draft.template} is for`),
    ...unused,
  ]
}

function percent({ score }: Candidate): string {
  return `${Math.round(score * 100)}%`
}
