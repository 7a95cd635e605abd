#!/usr/bin/env node
// The entry of the command line. It runs before anything is known of the machine, so it is plain JavaScript.

const NODE_MIN = [20, 19]
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
  process.stderr.write(`Helix needs Node.js ${NODE_MIN.join('.')} or later; this is ${process.versions.node}\n`)
  process.exit(3)
}

try {
  const { register } = await import('tsx/esm/api')
  register()
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error
  process.stderr.write('The packages that Helix needs are not installed; run `npm ci` first\n')
  process.exit(3)
}

const { main } = await import('./main.ts')
const { processWorld } = await import('./world.ts')
const code = await main(process.argv.slice(2), processWorld(process))
process.exitCode = code
// Nothing is left to do: a connection that some library keeps open must not hold the process.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
