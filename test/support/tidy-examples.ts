/** A rule with small files that keep it and files that break it once. */
export type Example = readonly [rule: string, good: Record<string, string>, bad: Record<string, string>]

const CRONS = 'crons = ["* * * * *"]'
const SWEEP = { 'scheduled/a.ts': "export const cron = '* * * * *'\nexport default 1" }
const manyCrons = Object.fromEntries(
  Array.from({ length: 6 }, (_, n) => [`scheduled/${n}.ts`, `export const cron = '${n} * * * *'`]),
)

/** One for every rule, in the order of the rules. */
export const EXAMPLES: readonly Example[] = [
  [
    'Imports point one way',
    { 'functions/a.ts': "import { b } from '../shared/engine/b.ts'" },
    { 'shared/platform/b.ts': "export type { A } from '../../functions/a.ts'" },
  ],
  [
    'Only functions introduce the engine to the data set',
    { 'functions/a.ts': "import '../shared/engine/b.ts'\nimport '../shared/dataset/c.ts'" },
    { 'local/cli/a.ts': "import '../../shared/engine/b.ts'\nimport '../../shared/dataset/c.ts'" },
  ],
  [
    'No import leads back to where it came from',
    { 'shared/engine/a.ts': "import { b } from './b.ts'", 'shared/engine/b.ts': '' },
    { 'shared/engine/a.ts': "import { b } from './b.ts'", 'shared/engine/b.ts': "import type { A } from './a.ts'" },
  ],
  [
    'What runs on any cloud imports nothing of one machine',
    { 'local/a.ts': "import { readFile } from 'node:fs/promises'" },
    { 'shared/engine/a.ts': "import { PGlite } from '@electric-sql/pglite'" },
  ],
  [
    'Only an entry reads the environment',
    { 'local/cli/a.ts': 'process.env.A', 'shared/engine/a.ts': '// process.env is read elsewhere' },
    { 'local/drivers/a.ts': 'process.env.A' },
  ],
  [
    'Time comes from the platform clock',
    { 'shared/engine/a.ts': "new Date(0); say('Date.now()')" },
    { 'shared/engine/a.ts': 'const at = new Date()' },
  ],
  ['Chance comes from the platform', { 'test/a.ts': 'Math.random()' }, { 'shared/engine/a.ts': 'Math.random()' }],
  [
    'Timers belong to drivers',
    { 'shared/platform/cloudflare-clock.ts': 'setTimeout(f, 1)' },
    { 'functions/a.ts': 'setInterval(f, 1)' },
  ],
  [
    'Statements get the time as a parameter',
    { 'shared/engine/a.ts': '// `now()` is banned\nplatform.clock.now()' },
    { 'shared/platform/migrations/1.sql': 'created_at timestamptz default now()' },
  ],
  [
    'What happens is told by log events',
    { 'shared/platform/cloudflare.ts': 'console.log(line)' },
    { 'shared/engine/a.ts': "console.log('done')" },
  ],
  ['Nothing is left to be fixed later', { 'shared/a/b.ts': '// done' }, { 'shared/a/b.ts': '// FIXME: later' }],
  [
    'Only functions, scheduled functions and configuration files have a default export',
    { 'functions/a.ts': 'export default 1', 'vitest.config.ts': 'export default {}' },
    { 'shared/engine/a.ts': 'export default 1' },
  ],
  [
    'No file tells where it was written or where packages come from',
    { 'docs/a.md': 'See https://example.com/home/a' },
    { 'docs/a.md': 'See /home/a' },
  ],
  ['A file has at most 300 lines', { 'shared/a/b.ts': '\n'.repeat(300) }, { 'shared/a/b.ts': '1\n'.repeat(301) }],
  [
    'A domain word is spelled one way',
    { 'shared/a/b.ts': "'cancelled'" },
    { 'shared/a/b.ts': "const status = 'canceled'" },
  ],
  [
    'No test is left out silently',
    { 'test/a.test.ts': "describe.skipIf(true)('x')\nctx.skip('no server')" },
    { 'test/a.test.ts': "test.skip('a b', f)" },
  ],
  [
    'Two tests of a file have different names',
    { 'test/a.test.ts': "test('one runs', f)\ntest('two runs', f)" },
    { 'test/a.test.ts': "test('one runs', f)\ntest('one runs', g)" },
  ],
  [
    'A test is named by a sentence',
    { 'test/a.test.ts': "test('answers 404 for an unknown task', f)" },
    { 'test/a.test.ts': "test('should work', f)" },
  ],
  [
    'Every function is in the manifest',
    { 'functions/a.ts': 'export default 1', 'functions/manifest.ts': "import a from './a.ts'" },
    { 'functions/a.ts': 'export default 1', 'functions/manifest.ts': '' },
  ],
  [
    'Every scheduled function is in the manifest',
    { ...SWEEP, 'scheduled/manifest.ts': "import a, { cron } from './a.ts'" },
    { ...SWEEP, 'scheduled/manifest.ts': '' },
  ],
  [
    'wrangler.toml fires what is scheduled, and nothing else',
    { ...SWEEP, 'wrangler.toml': CRONS },
    { ...SWEEP, 'wrangler.toml': 'crons = ["0 3 * * *", "* * * * *"]' },
  ],
  ['There are at most five cron expressions', SWEEP, manyCrons],
  [
    'Weekdays of a cron expression are names',
    { 'scheduled/a.ts': "export const cron = '0 4 * * mon'" },
    { 'scheduled/a.ts': "export const cron = '0 4 * * 1'" },
  ],
  [
    'The READMEs say the same in both languages',
    { 'README.md': '# A\n```sh\nnpm ci # all\n```\n', 'README.zh-CN.md': '# 甲\n```sh\nnpm ci # 全部\n```\n' },
    { 'README.md': '# A\n```sh\nnpm ci\n```\n', 'README.zh-CN.md': '# 甲\n```sh\nnpm start\n```\n' },
  ],
]
