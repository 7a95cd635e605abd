import { resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError, maskedConfig } from '../../../shared/platform/config.ts'
import { runnerPort } from '../../runner/data-dir.ts'
import { runnerUrl } from '../client.ts'
import type { CliContext } from '../context.ts'
import { type Check, type Finding, failed, type Patient } from '../doctor/check.ts'
import { dataDirCheck, diskCheck, envelopeCheck, filesRootCheck, portCheck } from '../doctor/machine-checks.ts'
import { EXIT } from '../exit-codes.ts'
import type { Text } from '../language.ts'
import type { Style } from '../output/style.ts'
import { displayWidth, padEnd, printable } from '../output/width.ts'

interface DoctorOptions {
  readonly json?: boolean
}

interface Line extends Finding {
  readonly name: Text
}

const NODE: Text = { zh: 'Node.js', en: 'Node.js' }
const CONFIGURATION: Text = { zh: '配置', en: 'Configuration' }

export function addDoctorCommand(program: Command, context: CliContext): void {
  const { say, output } = context
  program
    .command('doctor')
    .summary(say({ zh: '检查 Helix 需要的一切，并说明如何修复', en: 'check what Helix needs, and say what to do' }))
    .description(
      say({
        zh: '检查 Node、配置、存储、目录、数据源、向量模型、大模型、可移植范围、端口和磁盘；有一项失败时退出码为 1。',
        en: 'Checks Node, the configuration, store, folders, sources, embedder, language model, envelope, port and disk. Exits with 1 if one fails.',
      }),
    )
    .option('--json', say({ zh: '以 JSON 输出', en: 'print JSON' }))
    .addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix doctor\n  $ helix doctor --json`)
    .action(async (options: DoctorOptions) => {
      const lines: Line[] = []
      for await (const line of examine(context)) {
        lines.push(line)
        if (options.json !== true) for (const text of renderLine(line, context, output.resultStyle)) output.result(text)
      }
      const isWell = lines.every(({ status }) => status !== 'fail')
      if (options.json === true)
        output.json({ ok: isWell, checks: lines.map((line) => ({ ...line, name: say(line.name) })) })
      if (!isWell) context.finish(EXIT.failed)
    })
}

async function* examine(context: CliContext): AsyncGenerator<Line> {
  yield { name: NODE, status: 'ok', detail: process.versions.node } // an older one does not come this far
  const patient = await patientOf(context)
  if ('status' in patient) return yield { name: CONFIGURATION, ...patient }
  const settings = Object.keys(maskedConfig(patient.config)).length
  yield { name: CONFIGURATION, status: 'ok', detail: context.say({ zh: `${settings} 项`, en: `${settings} settings` }) }
  for (const check of await allChecks()) {
    const found = await check.examine(patient).catch((error: unknown) => failed(error, patient))
    for (const finding of Array.isArray(found) ? found : [found]) yield { name: check.name, ...finding }
  }
}

/** The service checks are loaded late: they bring in every driver. */
async function allChecks(): Promise<readonly Check[]> {
  const { embedderCheck, llmCheck, sourcesCheck, storeCheck } = await import('../doctor/service-checks.ts')
  return [
    dataDirCheck,
    filesRootCheck,
    diskCheck,
    storeCheck,
    sourcesCheck,
    embedderCheck,
    llmCheck,
    envelopeCheck,
    portCheck,
  ]
}

async function patientOf({ config: read, language, say }: CliContext): Promise<Patient | Finding> {
  try {
    const config = read()
    const port = await runnerPort(resolve(config.HELIX_DATA_DIR))
    return { config, language, say, runnerUrl: port === null ? null : runnerUrl(config.HELIX_HOST, port) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const next = say({ zh: '修改环境变量或 .env', en: 'Correct the environment or .env' })
    return { status: 'fail', detail: error.problems.join('; '), next }
  }
}

const NAME_WIDTH = 16

function renderLine({ name, status, detail, next }: Line, { say }: CliContext, style: Style): string[] {
  const paint = { ok: style.good, warn: style.warn, fail: style.bad }[status]
  const head = `${paint(padEnd(status, 4))}  ${padEnd(say(name), NAME_WIDTH)}  `
  const hint = next === undefined ? [] : [`${' '.repeat(displayWidth(head))}→ ${printable(next)}`]
  return [`${head}${printable(detail)}`, ...hint]
}
