import type { Language } from '../../problems.ts'

/** A page loads nothing from elsewhere, and a browser is told so. */
export const pageHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
} as const

const STYLE = `
  :root { color-scheme: light dark; --ink: #1d2733; --soft: #5b6876; --line: #d9e0e7; --paper: #fbfcfd; --card: #fff; --accent: #0b6e6e }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e6ebf0; --soft: #9aa7b4; --line: #2c3743; --paper: #12181f; --card: #19212a; --accent: #4fc3b5 }
  }
  * { box-sizing: border-box }
  body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif }
  main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
  h1 { margin: 0 0 .25rem; font-size: 1.9rem; line-height: 1.2 }
  h2 { margin: 2.5rem 0 .75rem; font-size: 1.15rem }
  p { max-width: 44rem } .soft { color: var(--soft) } a { color: var(--accent) }
  code, pre { font: .88em/1.5 ui-monospace, "SF Mono", Consolas, monospace }
  pre { padding: .9rem 1rem; overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .5rem }
  table { width: 100%; border-collapse: collapse } td, th { padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line) }
  details { margin: .4rem 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem }
  summary { padding: .55rem .9rem; cursor: pointer; overflow-wrap: anywhere } details > div { padding: 0 1rem 1rem; overflow-x: auto }
  .method { display: inline-block; min-width: 4.2rem; font-weight: 700; color: var(--accent) }
`

/** A whole page. @param body trusted HTML */
export function page(options: { language: Language; title: string; body: string }): string {
  return `<!doctype html>
<html lang="${options.language === 'zh' ? 'zh-CN' : 'en'}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${options.title}</title><style>${STYLE}</style></head>
<body><main>${options.body}</main></body></html>
`
}
