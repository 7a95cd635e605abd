import type { FaultClass } from '../incidents/fault.ts'

const WINDOW_MS = 15 * 60_000
const SHARE_MAX = 0.2 // the runbook's critical threshold
const RUNS_MIN = 5

// By the index on created_at. Trials are people trying things out: what fails there is no fault. What failed before the
// last incident was over has had its repair: it would only be found again.
const COUNT_RUNS = `
  select count(*)::integer as runs, count(*) filter (where not success)::integer as failed,
         count(*) filter (where error_code = 'sandbox_crashed')::integer as crashed, min(created_at) filter (where not success) as since,
         mode() within group (order by node_name) filter (where not success) as node
    from sandbox_runs
   where origin = 'workflow'
     and created_at > greatest($1, (select max(verified_at) from incidents where fault = 'sandbox_failure_rate'))`

/** More of the nodes' runs fail than the runbook allows for. */
export const sandboxFailureRate: FaultClass = {
  name: 'sandbox_failure_rate',
  severity: 'P1',
  layer: 'component',
  kind: 'sandbox',
  meaning: { zh: '沙箱执行失败率超过 20%', en: 'More than 20 % of the runs in the sandbox fail' },
  async detect({ store, clock }) {
    const from = new Date(clock.now().getTime() - WINDOW_MS)
    const { rows } = await store.query<Counts>(COUNT_RUNS, [from])
    const { runs, failed, crashed, since, node } = rows[0] ?? {
      runs: 0,
      failed: 0,
      crashed: 0,
      since: null,
      node: null,
    }
    const isIll = runs >= RUNS_MIN && failed > SHARE_MAX * runs
    return { of: 1, ill: isIll ? [{ id: 'sandbox', facts: { runs, failed, crashed, node }, occurredAt: since }] : [] }
  },
  async diagnose(_, { facts }) {
    const engine = Number(facts.crashed) * 2 >= Number(facts.failed)
    const told = `${facts.failed}/${facts.runs}`
    return engine
      ? {
          rule: 'engine-fails',
          explanation: {
            zh: `15 分钟内 ${told} 次执行失败，多数是沙箱自身崩溃`,
            en: `${told} runs failed within 15 min, most of them as the sandbox itself crashed`,
          },
          repair: 'try-component',
        }
      : {
          rule: 'node-fails',
          explanation: {
            zh: `15 分钟内 ${told} 次执行失败，沙箱本身正常，失败最多的是节点 ${facts.node}：请修改其代码，或回滚使用它的工作流`,
            en: `${told} runs failed within 15 min. The sandbox works; most failures are those of the node ${facts.node}: mend its code, or roll back the workflows that use it`,
          },
          repair: null,
        }
  },
}

interface Counts {
  readonly runs: number
  readonly failed: number
  readonly crashed: number
  readonly since: Date | null
  readonly node: string | null
}
