import type { Language } from '../../problems.ts'
import { page } from './page.ts'

const TEXTS = {
  zh: {
    title: 'Helix 接口文档',
    machine: '机器可读版本',
    parameters: '参数',
    body: '请求体',
    answers: '响应',
    failed: '无法读取 /openapi.json',
  },
  en: {
    title: 'Helix API',
    machine: 'For machines',
    parameters: 'Parameters',
    body: 'Body',
    answers: 'Answers',
    failed: '/openapi.json can not be read',
  },
} as const satisfies Record<Language, Record<string, string>>

// Text reaches the page through textContent only, so nothing in the description can become markup.
const SCRIPT = `
const METHODS = ['get', 'post', 'put', 'patch', 'delete']
const element = (name, ...children) => {
  const made = document.createElement(name)
  made.append(...children)
  return made
}
const resolve = (spec, schema) => {
  const path = schema && schema.$ref ? schema.$ref.slice(2).split('/') : null
  return path ? path.reduce((part, key) => part && part[key], spec) || {} : schema || {}
}
const typeOf = (spec, given, depth, within = []) => {
  const schema = resolve(spec, given)
  if (given && given.$ref) {
    if (within.includes(given.$ref)) return '…'
    within = [...within, given.$ref]
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const parts = schema.anyOf || schema.oneOf
  if (parts) return [...new Set(parts.map((part) => typeOf(spec, part, depth, within)))].join(' | ')
  if (schema.type === 'array') return typeOf(spec, schema.items, depth, within) + '[]'
  if (schema.type !== 'object' || !schema.properties || depth > 6) return schema.format || String(schema.type || 'any')
  const required = new Set(schema.required || [])
  const indent = '  '.repeat(depth + 1)
  const lines = Object.entries(schema.properties).map(([key, value]) => {
    const told = resolve(spec, value)
    const note = told.description ? '  // ' + told.description : ''
    const usual = told.default === undefined ? '' : ' = ' + JSON.stringify(told.default)
    return indent + key + (required.has(key) ? '' : '?') + ': ' + typeOf(spec, value, depth + 1, within) + usual + note
  })
  return '{\\n' + lines.join('\\n') + '\\n' + '  '.repeat(depth) + '}'
}
const contentOf = (spec, content) =>
  Object.entries(content || {}).map(([type, { schema }]) =>
    type.includes('problem') ? element('code', type) : element('div', element('code', type), element('pre', typeOf(spec, schema, 0))))
const parametersOf = (spec, parameters) =>
  element('table', ...parameters.map((parameter) => element('tr',
    element('td', element('code', parameter.name + (parameter.required ? '' : '?'))),
    element('td', element('code', typeOf(spec, parameter.schema, 0))),
    element('td', parameter.description || resolve(spec, parameter.schema).description || parameter.in))))
const operationOf = (spec, path, method, operation) => {
  const name = element('span', method.toUpperCase())
  name.className = 'method'
  const body = element('div')
  if (operation.parameters && operation.parameters.length > 0)
    body.append(element('h3', TEXTS.parameters), parametersOf(spec, operation.parameters))
  if (operation.requestBody)
    body.append(element('h3', TEXTS.body), ...contentOf(spec, operation.requestBody.content))
  body.append(element('h3', TEXTS.answers))
  for (const [status, answer] of Object.entries(operation.responses || {}))
    body.append(element('p', element('strong', status), ' ', answer.description || ''), ...contentOf(spec, answer.content))
  return element('details', element('summary', name, element('code', path), ' — ' + (operation.summary || '')), body)
}
const show = (spec) => {
  const groups = new Map((spec.tags || []).map(({ name }) => [name, []]))
  for (const [path, item] of Object.entries(spec.paths))
    for (const method of METHODS.filter((name) => item[name])) {
      const tag = (item[method].tags || ['other'])[0]
      groups.set(tag, [...(groups.get(tag) || []), operationOf(spec, path, method, item[method])])
    }
  const shown = [...groups].filter(([, operations]) => operations.length > 0)
  document.getElementById('api').replaceChildren(...shown.flatMap(([tag, operations]) => [element('h2', tag), ...operations]))
}
fetch('/openapi.json').then((answer) => answer.json()).then(show).catch((error) => {
  document.getElementById('api').replaceChildren(element('p', TEXTS.failed + ': ' + error.message))
})`

/** Renders `/openapi.json` readably; loads nothing else. */
export function docsPage(language: Language = 'zh'): string {
  const text = TEXTS[language]
  const body = `
<h1>${text.title}</h1><p class="soft">${text.machine}: <a href="/openapi.json">/openapi.json</a></p>
<div id="api">…</div>
<script>const TEXTS = ${JSON.stringify(text)}${SCRIPT}</script>`
  return page({ language, title: text.title, body })
}
