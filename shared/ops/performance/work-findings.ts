import type { Config } from '../../platform/config.ts'
import { type PerformanceFinding, percentText, type Text, secondsText as time } from './finding.ts'
import type { QueueWaits, SourceFigures, StepFigures } from './steps.ts'

const STEP_SECONDS_SLOW = 60 // most steps of a source of forty tables take a few
const FAILED_SHARE_MAX = 0.05 // the threshold of the alerts
const RETRIED_SHARE_MAX = 0.2
const ROOM_SECONDS_MAX = 10
const WORKER_SECONDS_MAX = 5
const HOT_SHARE = 0.5
const EXECUTIONS_MIN = 4

type Settings = Pick<Config, 'HELIX_CONCURRENCY_MODE' | 'HELIX_MAX_RUNNING_TASKS' | 'HELIX_STEPS_PER_RUNNER'>

/** Why a step of the pipeline is slow, when it is: what it spends its time with. */
const STEP_REASONS: Readonly<Record<string, readonly [cause: Text, next: Text]>> = {
  ddl_generation: [
    {
      zh: '时间主要花在读取数据源的目录和抽样上',
      en: 'it mostly reads the catalog of the source and samples its tables',
    },
    {
      zh: '检查数据源的负载和网络；用 table_list 只选需要的表；配置了大模型时，检查其响应时间',
      en: 'look at the load of the source and the network to it; choose the tables that are needed by table_list; with a language model, look at how fast it answers',
    },
  ],
  qa_generation: [
    {
      zh: '时间主要花在生成问题上（大模型调用，或对数据取值）',
      en: 'it mostly makes questions: calls of the language model, or reading values of the data',
    },
    {
      zh: '配置了大模型时换用更快的模型或提高其限额；否则减少每个任务的表数',
      en: 'take a faster language model or a larger quota where one is used; else fewer tables a task',
    },
  ],
  sql_validation: [
    {
      zh: '时间主要花在数据源上执行每条 SQL',
      en: 'it mostly executes each pair’s SQL on the source',
    },
    {
      zh: '在数据源上为常用的过滤列建索引，或改用只读副本作为数据源',
      en: 'index the columns that are filtered by in the source, or read from a replica of it',
    },
  ],
  training_load: [
    { zh: '时间主要花在向量化上', en: 'it mostly embeds texts' },
    {
      zh: '检查向量化服务的响应时间，或用 HELIX_EMBEDDING_BASE_URL 换一个',
      en: 'look at how fast the embedding service answers, or set another by HELIX_EMBEDDING_BASE_URL',
    },
  ],
}
const NODE_REASON: readonly [Text, Text] = [
  {
    zh: '时间花在这个节点自己的代码、查询或大模型调用上',
    en: 'its time goes into the node’s own code, query or language model',
  },
  {
    zh: '用 `helix node try` 单独试运行它，看是代码慢还是查询慢',
    en: 'try it alone with `helix node try` and see whether its code or its query is slow',
  },
]

export function stepFindings(steps: readonly StepFigures[]): PerformanceFinding[] {
  return steps.flatMap((step) => [...slowStep(step), ...failingStep(step), ...retriedStep(step)])
}

function slowStep({ step, p95Seconds, totalSeconds, executions, slowestExecution: id }: StepFigures) {
  if (p95Seconds < STEP_SECONDS_SLOW) return []
  const [cause, next] = STEP_REASONS[step] ?? NODE_REASON
  return [
    {
      kind: 'slow_step',
      subject: step,
      seconds: totalSeconds,
      cause: {
        zh: `${step} 的 95% 分位耗时 ${time(p95Seconds, 'zh')}（${executions} 次，最慢：${id}）：${cause.zh}`,
        en: `${step} takes ${time(p95Seconds, 'en')} at the 95th percentile (${executions === 1 ? '1 execution' : `${executions} executions`}, the slowest ${id}): ${cause.en}`,
      },
      nextStep: next,
    },
  ]
}

function failingStep({ step, failed, executions, error, totalSeconds }: StepFigures): PerformanceFinding[] {
  if (executions < EXECUTIONS_MIN || failed / executions <= FAILED_SHARE_MAX) return []
  return [
    {
      kind: 'failing_step',
      subject: step,
      seconds: (totalSeconds * failed) / executions,
      cause: {
        zh: `${step} 有 ${percentText(failed / executions)} 失败（${failed} / ${executions}），最常见的原因是 ${error ?? '未知'}`,
        en: `${percentText(failed / executions)} of ${step} fail (${failed} of ${executions}), mostly with ${error ?? 'no code'}`,
      },
      nextStep: {
        zh: '用 `helix logs <任务> --level error` 查看失败原因，修复后用 `helix resume` 继续',
        en: 'see why with `helix logs <task> --level error`, then go on with `helix resume`',
      },
    },
  ]
}

function retriedStep({ step, retried, executions, totalSeconds }: StepFigures): PerformanceFinding[] {
  if (executions < EXECUTIONS_MIN || retried / executions <= RETRIED_SHARE_MAX) return []
  return [
    {
      kind: 'retried_step',
      subject: step,
      seconds: (totalSeconds * retried) / executions,
      cause: {
        zh: `${step} 有 ${percentText(retried / executions)} 要重试才能完成，退避等待拖长了任务`,
        en: `${percentText(retried / executions)} of ${step} need another try, and wait for it`,
      },
      nextStep: {
        zh: '用 `helix incidents` 和 `helix health` 查看哪个外部服务不稳定',
        en: 'see with `helix incidents` and `helix health` which service outside is unsteady',
      },
    },
  ]
}

export function waitFindings(waits: QueueWaits, settings: Settings): PerformanceFinding[] {
  const { schedule, delivery, waitingForRoom, waitingForWorker, executions } = waits
  const findings: PerformanceFinding[] = []
  if (schedule.p95Seconds > ROOM_SECONDS_MAX) {
    const mode = settings.HELIX_CONCURRENCY_MODE
    const limit = settings.HELIX_MAX_RUNNING_TASKS
    findings.push({
      kind: 'waits_for_room',
      subject: 'schedule',
      seconds: schedule.p95Seconds * executions,
      cause: {
        zh: `任务在排队等位：95% 分位 ${time(schedule.p95Seconds, 'zh')}，现有 ${waitingForRoom} 个在等。调度模式为 ${mode}，最多同时 ${limit} 个${mode === 'mixed' ? '，同一数据源一次一个' : ''}`,
        en: `Tasks wait for room: ${time(schedule.p95Seconds, 'en')} at the 95th percentile, ${waitingForRoom} wait now. The mode is ${mode}, ${limit} run at once${mode === 'mixed' ? ', one of a source at a time' : ''}`,
      },
      nextStep:
        mode === 'parallel'
          ? {
              zh: '机器有余力时调高 HELIX_MAX_RUNNING_TASKS',
              en: 'raise HELIX_MAX_RUNNING_TASKS while the machine can take it',
            }
          : {
              zh: '数据源承受得住时设 HELIX_CONCURRENCY_MODE=parallel 并调高 HELIX_MAX_RUNNING_TASKS；紧急任务用 priority 提前',
              en: 'set HELIX_CONCURRENCY_MODE=parallel and raise HELIX_MAX_RUNNING_TASKS where the sources can take it; give what is urgent a priority',
            },
    })
  }
  if (delivery.p95Seconds > WORKER_SECONDS_MAX) {
    findings.push({
      kind: 'waits_for_worker',
      subject: 'queue',
      seconds: delivery.p95Seconds * executions,
      cause: {
        zh: `步骤已获准执行，却迟迟无人领取：95% 分位 ${time(delivery.p95Seconds, 'zh')}，现有 ${waitingForWorker} 个在等。运行器都在忙，或消息丢失后靠巡检补发`,
        en: `Steps that may run wait for a worker: ${time(delivery.p95Seconds, 'en')} at the 95th percentile, ${waitingForWorker} wait now. The runners are busy, or messages were lost and the sweep sent them again`,
      },
      nextStep: {
        zh: `增加运行器，或调高 HELIX_STEPS_PER_RUNNER（现为 ${settings.HELIX_STEPS_PER_RUNNER}）；用 \`helix status\` 确认运行器都在运行`,
        en: `start more runners or raise HELIX_STEPS_PER_RUNNER (${settings.HELIX_STEPS_PER_RUNNER} now); see with \`helix status\` that they run`,
      },
    })
  }
  return findings
}

export function sourceFindings(sources: readonly SourceFigures[]): PerformanceFinding[] {
  const [hot] = sources
  if (hot === undefined || sources.length < 2 || hot.share <= HOT_SHARE || hot.executions < EXECUTIONS_MIN) return []
  return [
    {
      kind: 'hot_source',
      subject: hot.source,
      seconds: hot.busySeconds,
      cause: {
        zh: `数据源 ${hot.source} 占去 ${percentText(hot.share)} 的执行时间（${hot.tasks} 个任务），还有 ${hot.waiting} 个步骤在等`,
        en: `The source ${hot.source} takes ${percentText(hot.share)} of all working time (${hot.tasks} tasks), and ${hot.waiting} steps wait`,
      },
      nextStep: {
        zh: '错开这个数据源的任务，或为它准备只读副本',
        en: 'spread its tasks over the day, or read from a replica of it',
      },
    },
  ]
}
