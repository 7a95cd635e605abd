import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { MUTATIONS } from './mutations/all.ts'
import { shareHunts } from './share.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SEEDS_MAX = 1_000
const JOBS = 2

// One or more of each kind; the whole list takes minutes, and some want more seeds: `npm run sim -- --mutants`.
const HUNTED = [
  'fence-dropped',
  'final-status-overwritten',
  'takeover-without-a-new-claim',
  'takeover-of-a-live-lease',
  'claim-does-not-rise',
  'restart-frees-the-leases-of-all',
  'lease-for-an-hour',
  'files-of-an-unwritten-step',
  'ports-reached-unwritten',
  'folded-after-a-cancellation',
  'lines-lost',
  'lines-lost-when-cancelled',
  'checkpoints-not-written',
  'checkpoints-not-looked-for',
  'resume-begins-anew',
  'outputs-not-written',
  'zombie-creates-over-files',
  'repeat-of-a-key-creates-again',
  'key-of-another-request',
  'deleted-while-it-runs',
  'outbox-lost',
  'hand-off-lost',
  'lost-messages-not-sent-again',
  'acknowledged-before-commit',
  'one-too-many-admitted',
  'accepted-without-the-lock',
  'busy-key-admitted',
  'youngest-first',
  'steps-in-another-order',
  'single-step-goes-on',
  'retry-not-counted',
  'tried-for-ever',
  'tried-again-at-once',
  'zombies-left-alone',
  'timeout-ignored',
  'cancellation-ignored',
  'progress-falls',
  'progress-ahead-of-the-work',
  'node-begun-before-a-predecessor',
  'ready-node-left-alone',
  'end-of-a-run-lost',
  'run-ended-beside-its-nodes',
  'skip-not-passed-on',
  'failed-run-completed',
  'messages-of-nodes-lost',
]

test.each(MUTATIONS)('the place of the bug $name is there exactly once', ({ file, find, replace }) => {
  expect(readFileSync(`${ROOT}${file}`, 'utf8').split(find)).toHaveLength(2)
  expect(replace).not.toBe(find)
})

test('each bug of every kind is found by chance within a thousand seeds', { timeout: 1_200_000 }, async () => {
  const verdicts = await shareHunts(HUNTED, { seedsMax: SEEDS_MAX, jobs: JOBS })
  expect(verdicts.map(({ name }) => name)).toEqual(HUNTED)
  expect(verdicts.filter(({ seeds }) => seeds === null)).toEqual([])
})
