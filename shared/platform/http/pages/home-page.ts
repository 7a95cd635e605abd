import type { Language } from '../../problems.ts'
import { page } from './page.ts'

const TEXTS = {
  zh: {
    lead: '把业务 PostgreSQL 数据库变成经过验证的 Text-to-SQL 训练数据。服务正在运行。',
    start: '开始使用',
    startHint: '创建任务并执行完整工作流（数据源名称见 <a href="/api/v0/data_pipeline/sources">数据源列表</a>）：',
    watch: '查看任务、日志与文件：',
    links: '入口',
    docs: '接口文档',
    openapi: '机器可读的接口描述（OpenAPI 3.1）',
    tasks: '任务列表',
    sources: '数据源列表',
    nodes: '动态节点',
    workflows: '工作流',
    health: '健康检查',
    system: '各组件的健康状况',
    incidents: '故障及其处理结果',
    metrics: 'Prometheus 指标',
  },
  en: {
    lead: 'Turns a business PostgreSQL database into validated text-to-SQL training data. It is running.',
    start: 'Start',
    startHint:
      'Create a task and run its complete workflow (<a href="/api/v0/data_pipeline/sources">sources</a> lists the names):',
    watch: 'Then look at tasks, logs and files:',
    links: 'Where to go',
    docs: 'Documentation of the API',
    openapi: 'The same for machines (OpenAPI 3.1)',
    tasks: 'Tasks',
    sources: 'Sources',
    nodes: 'Dynamic nodes',
    workflows: 'Workflows',
    health: 'Health',
    system: 'Health of each component',
    incidents: 'What went wrong, and what came of it',
    metrics: 'Metrics for Prometheus',
  },
} as const satisfies Record<Language, Record<string, string>>

const commandFor = (source: string) => `curl -X POST -d '{"db_name": "${source}"}' \\
  http://localhost:8000/api/v0/data_pipeline/tasks/execute-complete`

/** What runs here and where the documentation is, until the web UI takes its place. `source`: one to try it with. */
export function homePage(language: Language, source: string): string {
  const text = TEXTS[language]
  const links = [
    ['/docs', text.docs],
    ['/openapi.json', text.openapi],
    ['/api/v0/data_pipeline/tasks', text.tasks],
    ['/api/v0/data_pipeline/sources', text.sources],
    ['/api/v1/nodes', text.nodes],
    ['/api/v1/workflows', text.workflows],
    ['/api/v1/health', text.health],
    ['/api/v1/health/system', text.system],
    ['/api/v1/ops/incidents', text.incidents],
    ['/metrics', text.metrics],
  ] as const
  const rows = links.map(([href, label]) => `<tr><td><a href="${href}">${href}</a></td><td>${label}</td></tr>`).join('')
  const body = `
<h1>Helix</h1><p class="soft">${text.lead}</p>
<h2>${text.start}</h2><p>${text.startHint}</p><pre id="command">${commandFor(source)}</pre>
<p>${text.watch} <a href="/api/v0/data_pipeline/tasks">/api/v0/data_pipeline/tasks</a></p>
<h2>${text.links}</h2><table>${rows}</table>
<script>
  const command = document.getElementById('command')
  command.textContent = command.textContent.replace('http://localhost:8000', location.origin)
</script>`
  return page({ language, title: 'Helix', body })
}
