import type { Language } from '../../platform/problems.ts'
import type { RequestFacts } from './request-facts.ts'

/** One of the three checks of the specification. */
export interface RequestCheck {
  readonly name: 'completeness' | 'boundary' | 'safety'
  readonly passed: boolean
  readonly message: string
  /** What is missing, or what was found, in the words of the request. */
  readonly found: readonly string[]
  /** What it would have to reach, where that is what fails. */
  readonly needs?: readonly ('files' | 'network' | 'system')[]
}

// What a node can not reach. `{0,12}` keeps a verb and its object together in one clause.
const FORBIDDEN: readonly (readonly [kind: 'files' | 'network' | 'system', pattern: RegExp])[] = [
  [
    'files',
    /(?:读取?|写入?|打开|保存|存储|删除|修改|导出|上传|下载|遍历|扫描).{0,12}(?:文件(?!名|数|大小|类型)|目录|文件夹|磁盘|硬盘)/,
  ],
  ['files', /文件系统|本地磁盘|\/etc\/\w+|\.\.\/|[A-Z]:\\/],
  [
    'files',
    /\b(?:read|write|open|save|delete|remove|load|scan|list|export|append|store)\b.{0,30}\b(?:files?|director(?:y|ies)|folders?|disks?|csv file|file ?system)\b/i,
  ],
  ['files', /\bfile ?system\b|\bto disk\b|\bfrom disk\b/i],
  [
    'network',
    /(?:访问|连接|请求|调用|打开).{0,8}(?:外部|外网|互联网|网络|网站|网页|网址|第三方)|联网|上网|爬虫|抓取|爬取/,
  ],
  [
    'network',
    /(?:调用|请求|访问|对接).{0,12}(?:接口|API|服务器|URL|网址)|发送.{0,8}(?:邮件|短信|请求|通知|消息)|(?:上传|下载)(?!量|次数|数|率)/i,
  ],
  ['network', /https?:\/\/|\bwebhooks?\b|\bscrap(?:e|es|ing)\b|\bcrawl/i],
  [
    'network',
    /\b(?:call|query|access|contact|reach|request)\b.{0,30}\b(?:apis?|endpoints?|urls?|web ?sites?|internet|(?:external|outside|remote) (?:services?|network))\b/i,
  ],
  [
    'network',
    /\b(?:fetch|download|upload|send|post)\b(?!s? (?:count|number|rate|volume)).{0,30}\b(?:from|to|over|via)?\b.{0,12}\b(?:web|internet|network|url|api|server|http|e-?mails?|ftp|s3)\b/i,
  ],
  [
    'network',
    /\b(?:send|sends|sending)\b.{0,20}\b(?:e-?mails?|sms|messages?|notifications?)\b|\b(?:outside|external) network\b|\bnetwork access\b/i,
  ],
  [
    'system',
    /执行.{0,6}(?:命令|脚本|shell)|环境变量|系统命令|(?:读取|获取).{0,8}(?:密钥|密码|口令)|操作系统|启动进程/i,
  ],
  [
    'system',
    /\b(?:shell|bash|subprocess|exec(?:ute)? (?:a )?commands?|environment variables?|env vars?|process\.env|eval|sudo|credentials?|api keys?|passwords?)\b/i,
  ],
  [
    'system',
    /(?:删除|清空|修改|更新|写入|插入).{0,8}(?:数据库|数据表|表中)|\b(?:drop|truncate|delete from|alter|insert into|update) (?:table|database|the database)\b/i,
  ],
]
const NEGATED = /(?:不|无需|无须|禁止|避免|没有|without|no|not|never|n't|avoid)[^,，。;；]{0,12}$/i

const SEVERAL_EN = /\b(?:then|after that|afterwards|finally|and then|followed by|next,)\b/gi
const SEVERAL_ZH = /然后|接着|之后再|随后|最后再?|再(?=[进生发计汇导])/g
const TOO_BIG =
  /(?:整个|完整的?|一套|全套).{0,8}(?:系统|平台|流程|应用|网站|管道)|(?:开发|搭建|构建|实现).{0,8}(?:系统|平台|应用|网站|后台)|定时(?:任务|执行)|每天(?:自动|定时)|\b(?:build|develop|create|implement)\b.{0,24}\b(?:system|platform|application|app|web ?site|dashboard|service|backend)\b|\bend[- ]to[- ]end\b|\bwhole (?:pipeline|system)\b|\b(?:every (?:day|hour|night)|on a schedule|scheduled)\b/i
const STEPS_MAX = 2 // "filter, then rank" is a node; three things are a workflow

/** Whether inputs and outputs are stated, whether one node can do it, and whether it stays inside the sandbox. */
export function checkRequest(facts: RequestFacts, language: Language): readonly RequestCheck[] {
  return [completeness(facts, language), boundary(facts, language), safety(facts, language)]
}

function completeness({ inputs, outputs }: RequestFacts, language: Language): RequestCheck {
  const missing = [...(inputs.length === 0 ? ['inputs'] : []), ...(outputs.length === 0 ? ['outputs'] : [])]
  const words = { inputs: { zh: '输入', en: 'inputs' }, outputs: { zh: '输出', en: 'outputs' } }
  const named = missing.map((name) => words[name as keyof typeof words][language])
  const stated = (all: RequestFacts['inputs']) => all.map(({ name }) => name).join(', ')
  const message =
    missing.length > 0
      ? language === 'zh'
        ? `没有说明${named.join('和')}：请写出名称和类型，例如“输入 sales_current（number），输出 growth_rate（number）”`
        : `The ${named.join(' and ')} are not stated: name them with their types, as in "inputs: sales_current (number); outputs: growth_rate (number)"`
      : language === 'zh'
        ? `输入：${stated(inputs)}；输出：${stated(outputs)}`
        : `Inputs: ${stated(inputs)}; outputs: ${stated(outputs)}`
  return { name: 'completeness', passed: missing.length === 0, message, found: missing }
}

function boundary({ text }: RequestFacts, language: Language): RequestCheck {
  const big = TOO_BIG.exec(text)?.[0]
  const several = [...text.matchAll(SEVERAL_EN), ...text.matchAll(SEVERAL_ZH)].map(([found]) => found)
  const found = big === undefined ? (several.length >= STEPS_MAX ? several : []) : [big]
  const passed = found.length === 0
  const told = found.join(language === 'zh' ? '、' : ', ')
  const message = passed
    ? language === 'zh'
      ? '一个节点可以完成'
      : 'One node can do this'
    : language === 'zh'
      ? `超出单个节点的范围（“${told}”）：请拆分为多个节点，用工作流连接`
      : `This is more than one node ("${told}"): split it into nodes and connect them in a workflow`
  return { name: 'boundary', passed, message, found }
}

const KINDS = {
  files: { zh: '文件系统', en: 'the file system' },
  network: { zh: '外部网络', en: 'the outside network' },
  system: { zh: '系统权限', en: 'the system' },
} as const

function safety({ text }: RequestFacts, language: Language): RequestCheck {
  const seen = text.normalize('NFKC')
  const hits = FORBIDDEN.flatMap(([kind, pattern]) => {
    const matches = [...seen.matchAll(new RegExp(pattern, `${pattern.flags}g`))]
    const match = matches.find(({ index }) => !NEGATED.test(seen.slice(Math.max(0, index - 24), index)))
    return match === undefined ? [] : [{ kind, words: match[0] }]
  })
  const passed = hits.length === 0
  const kinds = [...new Set(hits.map(({ kind }) => KINDS[kind][language]))].join(language === 'zh' ? '、' : ' and ')
  const found = [...new Set(hits.map(({ words }) => words))]
  const message = passed
    ? language === 'zh'
      ? '不涉及文件系统和外部网络'
      : 'It needs neither files nor the outside network'
    : language === 'zh'
      ? `需要访问${kinds}（“${found.join('”、“')}”），节点在沙箱中运行，不能访问`
      : `It needs ${kinds} ("${found.join('", "')}"), which a node in the sandbox can not reach`
  return { name: 'safety', passed, message, found, needs: [...new Set(hits.map(({ kind }) => kind))] }
}
