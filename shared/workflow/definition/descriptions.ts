import type { Findings } from './findings.ts'

// Descriptions are shown to people and put before models that choose nodes: they describe and give no orders.
const ORDERS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|all|any|your|system)\b[^.\n]{0,40}\b(?:instructions?|prompts?|rules?|messages?|context|guidelines?)\b/i,
  /\b(?:you are now|act as (?:a|an|the) (?:system|admin|developer|root)|new instructions?\s*:|do anything now|jailbreak)\b/i,
  /\b(?:reveal|print|show|repeat|leak)\b[^.\n]{0,30}\b(?:system prompt|hidden prompt|your instructions|api[ _-]?keys?|secrets?|passwords?)\b/i,
  /<\|[a-z_]+\|>|<\/?(?:system|assistant|instructions?)>|\[\/?INST\]|^\s*(?:#+\s*)?(?:system|assistant)\s*:/im,
  /(?:忽略|无视|忘记|忘掉|不要理会|覆盖)[^。\n]{0,20}(?:之前|以上|上面|先前|前面|所有|全部|系统|你的)[^。\n]{0,20}(?:指令|指示|提示|规则|要求|内容|说明|设定)/,
  /(?:你现在是|从现在开始你|现在请你扮演|扮演(?:系统|管理员|开发者))|(?:输出|泄露|显示|告诉我|打印)[^。\n]{0,15}(?:系统提示|提示词|密钥|密码|口令)/,
]
// Bidirectional overrides, zero-width characters and tags: what a person reads is not what a model gets.
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u

/** Refuses orders to a model and characters that nobody sees, in a text that describes. */
export function checkDescription(text: string, path: string, findings: Findings): void {
  const hidden = HIDDEN.exec(text)?.[0]
  if (hidden !== undefined) {
    const code = (hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    findings.error('hidden_text', path, { found: `U+${code}` })
  }
  const seen = text.normalize('NFKC')
  const order = ORDERS.map((pattern) => pattern.exec(seen)?.[0]).find((found) => found !== undefined)
  if (order !== undefined) findings.error('prompt_injection', path, { found: order.trim() })
}
