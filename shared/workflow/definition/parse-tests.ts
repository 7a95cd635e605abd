import type { Json, JsonObject, NodeDefinition, NodeTest } from './definition.ts'
import { below, type Findings } from './findings.ts'
import { nearestName } from './near-miss.ts'
import { expectObject, refuseUnknown, textIn, wrongType } from './shape.ts'
import { checkInputs, checkValue } from './values.ts'

const TESTS_MAX = 20 // each is a run, and a trial should take seconds

/** The examples of a definition, each checked against its fields. */
export function parseTests(
  given: Json | undefined,
  { inputs, outputs }: Pick<NodeDefinition, 'inputs' | 'outputs'>,
  findings: Findings,
): readonly NodeTest[] {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given)) {
    wrongType(given, 'list<object>', 'tests', findings)
    return []
  }
  if (given.length > TESTS_MAX) {
    findings.error('too_many', 'tests', { count: given.length, max: TESTS_MAX })
    return []
  }
  return (given as readonly Json[]).flatMap((item, index) => {
    const path = below('tests', index)
    const object = expectObject(item, path, findings)
    if (object === null) return []
    const meant = { input: 'inputs', expected: 'outputs', expect: 'outputs', output: 'outputs', result: 'outputs' }
    refuseUnknown(object, ['name', 'inputs', 'outputs'], path, findings, meant)
    const name = textIn(object, 'name', path, findings)
    const testInputs = expectObject(object.inputs ?? {}, below(path, 'inputs'), findings)
    if (testInputs === null) return []
    checkInputs(inputs, testInputs, below(path, 'inputs'), findings)
    const expected = expectedOutputs(object.outputs, outputs, below(path, 'outputs'), findings)
    return [
      {
        ...(name === undefined ? {} : { name }),
        inputs: testInputs,
        ...(expected === null ? {} : { outputs: expected }),
      },
    ]
  })
}

/** What a test expects: some of the outputs, each as it is declared. */
function expectedOutputs(
  given: Json | undefined,
  outputs: NodeDefinition['outputs'],
  path: string,
  findings: Findings,
): JsonObject | null {
  if (given === undefined || given === null) return null
  const object = expectObject(given, path, findings)
  if (object === null) return null
  const names = outputs.map(({ name }) => name)
  for (const [name, value] of Object.entries(object)) {
    const field = outputs.find((output) => output.name === name)
    if (field === undefined) findings.error('unknown_output', below(path, name), { name }, nearestName(name, names))
    else if (value !== null) checkValue(value, field, below(path, name), findings)
  }
  return object
}
