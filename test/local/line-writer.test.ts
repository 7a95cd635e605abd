import { spawnSync } from 'node:child_process'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { lineWriter } from '../../local/drivers/line-writer.ts'

test('lines of one turn of the event loop are written together, and in their order', async () => {
  const written: string[] = []
  const write = lineWriter((text) => void written.push(text))
  write('one')
  write('two')
  expect(written).toEqual([])
  await turn()
  write('three')
  await turn()
  expect(written).toEqual(['one\ntwo\n', 'three\n'])
})

test.each([
  ['asks to end', 'process.exit(0)'],
  ['fails', "throw new Error('on purpose')"],
])('the last lines of a process that %s are written', (_, end) => {
  const driver = new URL('../../local/drivers/line-writer.ts', import.meta.url).href
  const program = `
    import { writeSync } from 'node:fs'
    import { lineWriter } from '${driver}'
    lineWriter((text) => writeSync(1, text))('last')
    ${end}`
  expect(outputOf(program)).toBe('last\n')
})

/** What a process prints that runs a program, however it ends. */
function outputOf(program: string): string {
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { encoding: 'utf8' })
    .stdout
}
