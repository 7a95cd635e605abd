import { cpus, loadavg } from 'node:os'
import type { Figures } from './measure.ts'

export interface BenchFacts {
  readonly command: string
  readonly measuredOn: string
  /** Load of the machine before the first measurement. */
  readonly load: number
  readonly rounds: number
  /** From the start of a process to its first answer, in milliseconds, without what an empty process takes. */
  readonly coldMs: Readonly<Record<string, number>>
}

const OVER_MS_MAX = 20
const RECOVERY_MS_MAX = 2
const WARM_KB_MAX = 200
const INPUTS_NODE = '1 KB of inputs'
const CODE_NODE = '120 KB of code'

export function machineLoad(): number {
  return loadavg()[0] ?? 0
}

/** The page of figures, with the command that made them. */
export function renderPage(facts: BenchFacts, figures: Figures): string {
  const processor = cpus()[0]?.model.replace(/\s+/g, ' ').trim() ?? 'unknown'
  const names = Object.keys(figures.runs[INPUTS_NODE] ?? {})
  const lines = [
    '# What the sandbox costs',
    '',
    `Written by \`${facts.command}\`. Each run has a fresh state, a time limit, inputs as JSON and outputs as JSON. Contenders take`,
    'turns, run by run. "inline" is the sandbox in the thread that asks, as functions in a cloud have it; "threads" is the sandbox',
    'of one machine, whose runs can be killed; `node:vm` makes a context for each run (it is no sandbox: code gets out of it in',
    'one line); quickjs-emscripten is used as its README has it, with a runtime and a context for each run.',
    '',
    '|  |  |',
    '| --- | --- |',
    `| measured | ${facts.measuredOn}, ${facts.rounds} rounds |`,
    `| machine | ${cpus().length} cores (${processor}); Node ${process.versions.node}; load ${facts.load.toFixed(2)} before the run |`,
    '',
    '## Targets',
    '',
    '|  | target | measured |  |',
    '| --- | --- | --- | --- |',
    ...targets(figures).map(
      ([what, target, measured, met]) => `| ${what} | ${target} | ${measured} | ${met ? 'met' : 'not met'} |`,
    ),
    '',
    '## A run, median and 95 of 100, in ms',
    '',
    `|  | ${names.join(' | ')} |`,
    `| --- |${' --- |'.repeat(names.length)}`,
    ...Object.entries(figures.runs).map(
      ([node, times]) =>
        `| ${node} | ${names.map((name) => `${ms(times[name]?.median)} / ${ms(times[name]?.p95)}`).join(' | ')} |`,
    ),
    `| first answer of a process | ${names.map((name) => ms(facts.coldMs[name])).join(' | ')} |`,
    '',
    `## ${figures.attacks} attacks with a limit of 100 ms: how long after it they ended, in ms`,
    '',
    '|  | 99 of 100 | the most |',
    '| --- | --- | --- |',
    ...Object.entries(figures.overLimitMs).map(
      ([name, { p99, most, at }]) => `| ${name} | ${ms(p99)} | ${ms(most)} (${at}) |`,
    ),
    '',
    '## The run after a failure: what it takes beyond a usual one, in ms',
    '',
    '|  |  |',
    '| --- | --- |',
    ...Object.entries(figures.recoveryMs).map(([name, taken]) => `| ${name} | ${ms(taken)} |`),
    '',
    '## Memory of a warm node, in KB',
    '',
    '|  |  |',
    '| --- | --- |',
    ...Object.entries(figures.warmBytes).map(([node, bytes]) => `| ${node} | ${(bytes / 1024).toFixed(0)} |`),
  ]
  return `${lines.join('\n')}\n`
}

type Row = readonly [what: string, target: string, measured: string, met: boolean]

function targets(figures: Figures): Row[] {
  const ratio = (node: string, name: string) =>
    (figures.runs[node]?.[name]?.median ?? Number.NaN) / (figures.runs[node]?.['node:vm']?.median ?? Number.NaN)
  const times = (what: string, most: number, measured: number): Row => [
    `${what}, as a multiple of node:vm`,
    `≤ ${most} ×`,
    `${measured.toPrecision(3)} ×`,
    measured <= most,
  ]
  const over = Math.max(...Object.values(figures.overLimitMs).map(({ most }) => most))
  const recovery = Math.max(...Object.values(figures.recoveryMs))
  const warm = (figures.warmBytes[INPUTS_NODE] ?? Number.NaN) / 1024
  return [
    times('1 KB of inputs, inline', 0.25, ratio(INPUTS_NODE, 'inline')),
    times('1 KB of inputs, in a thread that can be killed', 1, ratio(INPUTS_NODE, 'threads')),
    times('120 KB of code, inline', 0.4, ratio(CODE_NODE, 'inline')),
    ['over the time limit, any attack', `≤ ${OVER_MS_MAX} ms`, `${ms(over)} ms`, over <= OVER_MS_MAX],
    ['recovery', `≤ ${RECOVERY_MS_MAX} ms`, `${ms(recovery)} ms`, recovery <= RECOVERY_MS_MAX],
    ['memory of a warm node of the usual length', `≤ ${WARM_KB_MAX} KB`, `${warm.toFixed(0)} KB`, warm <= WARM_KB_MAX],
  ]
}

function ms(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(value < 10 ? 3 : 1)
}
