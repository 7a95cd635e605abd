import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { FUNCTIONS } from '../../functions/manifest.ts'
import { SCHEDULED } from '../../scheduled/manifest.ts'
import { lambdaPerFunction } from './lambda-per-function.ts'
import { oneLambda } from './one-lambda.ts'
import type { Template } from './resources.ts'

const HEAD = `# Made by \`npx tsx infra/aws/render.ts\` from the manifests; test/infra/aws/templates.test.ts fails when they differ.
# Plain CloudFormation rather than SAM: cfn-lint checks every property against AWS's own schemas, without an account.
`

/** Every template by its file's name, as text. */
export function templates(): Record<string, string> {
  return {
    'template.yaml': HEAD + yamlOf(oneLambda(SCHEDULED)),
    'template-per-function.yaml': HEAD + yamlOf(lambdaPerFunction(FUNCTIONS, SCHEDULED)),
  }
}

/** In YAML 1.1, as CloudFormation reads it: there `on` and `OFF` without quotes are booleans. */
function yamlOf(template: Template): string {
  return stringify(template, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(templates())) await writeFile(new URL(name, import.meta.url), text)
}
