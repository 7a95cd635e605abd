import { expect, test } from 'vitest'
import { readArguments } from './arguments.ts'

test('the whole form is 2,000 tasks on three runners, a kill every 2 s and a restart every 10 s', () => {
  expect(readArguments([])).toMatchObject({ tasks: 2000, runners: 3, killEveryMs: 2_000, restartEveryMs: 10_000 })
})

test('the short form can be changed option by option', () => {
  expect(readArguments(['--short', '--seed', '7', '--kill-every', '0'])).toMatchObject({
    tasks: 150,
    seed: 7,
    killEveryMs: 0,
    freezes: 1,
  })
})

test.each([
  [['--tasks', '0'], /--tasks takes a whole number of at least 1/],
  [['--runners', '1'], /--runners takes a whole number of at least 2/],
  [['--restart-every', 'often'], /--restart-every takes a whole number/],
  [['--tassk', '3'], /tassk/],
])('refuses %j in words', (given, words) => {
  expect(() => readArguments(given)).toThrow(words)
})
