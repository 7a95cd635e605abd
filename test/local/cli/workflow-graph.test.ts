import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { main } from '../../../local/cli/main.ts'
import { fakeWorld } from '../../support/fake-world.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helix-graph-'))
})
afterAll(async () => await rm(folder, { recursive: true, force: true }))

async function helix(argv: string[], stdin = '') {
  const world = fakeWorld({}, { stdin })
  return { code: await main(argv, world), ...world.written() }
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const SALES = `
name: sales
nodes:
  - { name: report, node: report, inputs: { rows: "{{ nodes.sales.outputs.rows }}" }, needs: [targets] }
  - { name: sales, node: read_sales@1.0.0 }
  - { name: targets, node: targets }
`

test('helix workflow graph draws a file, with what each node is', async () => {
  const { code, out } = await helix(['workflow', 'graph', await file('sales.yaml', SALES)])
  expect(code).toBe(0)
  expect(out.split('\n')).toEqual([
    'sales  version 1, 3 nodes',
    '',
    '●    sales    read_sales@1.0.0',
    '│ ●  targets',
    '├─╯',
    '●    report',
    '',
  ])
})

test('helix workflow graph reads standard input, and writes Mermaid or JSON', async () => {
  const mermaid = await helix(['workflow', 'graph', '-', '--format', 'mermaid'], SALES)
  expect(mermaid.out).toContain('n0 --> n2\n  n1 -.-> n2')
  const json = await helix(['workflow', 'graph', '-', '--format', 'json'], SALES)
  expect(JSON.parse(json.out)).toMatchObject({ id: 'sales', order: ['sales', 'targets', 'report'] })
})

test('helix workflow graph says where a file is wrong, and which nodes wait for each other', async () => {
  const wrong = await helix(['workflow', 'graph', await file('wrong.yml', 'nodes:\n  - node: x\n')])
  expect(wrong).toMatchObject({ code: 1, out: '' })
  expect(wrong.err).toContain('nodes[0].name (2:5)')
  const round = await file('round.json', JSON.stringify({ nodes: [{ name: 'a', node: 'x', needs: ['a'] }] }))
  expect((await helix(['workflow', 'graph', round])).err).toContain('a → a')
  expect((await helix(['workflow', 'graph', join(folder, 'none.yaml')])).code).toBe(2)
})

test('helix workflow graph shows nothing of a file that would steer the terminal', async () => {
  const text = JSON.stringify({
    name: 'a\u001b[2Jb',
    nodes: [{ name: 'a', node: 'x', when: 'inputs.x == "\u001b[31m"' }],
  })
  const { out } = await helix(['workflow', 'graph', '-'], text)
  expect(out).not.toContain('\u001b')
})
