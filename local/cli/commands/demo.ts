import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../../../shared/platform/config.ts'
import { runnerPort } from '../../runner/data-dir.ts'
import { openApi } from '../api.ts'
import { connect } from '../client.ts'
import { type CliContext, environment } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'
import { executeRequest, taskRequest } from './run.ts'

interface DemoOptions {
  readonly lang?: 'zh' | 'en'
  readonly json?: boolean
}

// What leads to a database or a service of the user's own: the demo needs none and asks none.
const OWN_VARIABLE = /^(DATABASE_URL|HELIX_SOURCE_.+_URL|HELIX_LLM_.+|HELIX_EMBEDDING_.+)$/

export function addDemoCommand(program: Command, context: CliContext): void {
  const { say } = context
  program
    .command('demo')
    .summary(say({ zh: '在内置示例数据上执行完整流程', en: 'run the complete pipeline on the bundled sample' }))
    .description(
      say({
        zh: '在内置示例数据库（高速公路服务区管理系统）上执行完整流程。只用内置数据库，不需要密钥，不访问网络。',
        en: 'Runs the complete pipeline on the bundled sample (service areas of a motorway company) with the embedded database. It needs no key and no network.',
      }),
    )
    .option('--json', say({ zh: '只输出一个 JSON 文档', en: 'print one JSON document and nothing else' }))
    .addHelpText('after', `\n${say({ zh: '示例：', en: 'Examples:' })}\n  $ helix demo\n  $ helix demo --lang en`)
    .action(async (_: DemoOptions, command: Command) => {
      context.finish(await runDemo(context, command.optsWithGlobals<DemoOptions>()))
    })
}

async function runDemo(context: CliContext, { lang, json = false }: DemoOptions): Promise<ExitCode> {
  const { config, sample } = await placeForDemo(context)
  if (!json) context.output.note(context.say({ zh: '正在准备示例数据…', en: 'Preparing the sample…' }))
  const about = context.say({ zh: '高速公路服务区管理系统', en: 'Service areas of a motorway company' })
  const request = {
    ...taskRequest({ context: about, ...(lang === undefined ? {} : { lang }) }, null, null),
    ...(sample === null ? {} : { db_name: sample }),
  }
  return await executeRequest(context, { config, source: null, request, folder: null, json })
}

/**
 * Where the demo runs: in a runner that is alive and has the sample, else in this process on the usual data directory,
 * or on one of its own where a runner that has other sources holds that one.
 */
async function placeForDemo(context: CliContext): Promise<{ config: Config; sample: string | null }> {
  const own = Object.keys(environment(context.world)).filter((name) => OWN_VARIABLE.test(name))
  const config = context.config(Object.fromEntries(own.map((name) => [name, undefined])))
  if ((await runnerPort(resolve(config.HELIX_DATA_DIR))) === null) return { config, sample: null }
  const client = await connect(config)
  try {
    const sources = await openApi(client, context.language).sources()
    const sample = sources.find((source) => source.kind === 'sample')
    if (sample !== undefined) return { config, sample: sample.name }
    return { config: { ...config, HELIX_DATA_DIR: join(config.HELIX_DATA_DIR, 'demo') }, sample: null }
  } finally {
    await client.stop()
  }
}
