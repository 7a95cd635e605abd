/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In capitals: `COPY`. */
  readonly name: string
  /** `--from=packages`, by name. */
  readonly flags: Readonly<Record<string, string>>
  /** The rest, as it is written, on one line. */
  readonly text: string
}

export interface Stage {
  readonly name: string
  readonly base: string
  readonly instructions: readonly Instruction[]
}

/** The stages of a Dockerfile in order; the last one is the image. As much of the language as Helix's own uses. */
export function parseDockerfile(text: string): Stage[] {
  const args: Record<string, string> = {}
  const stages: { name: string; base: string; instructions: Instruction[] }[] = []
  for (const instruction of instructionsOf(text)) {
    const [first = '', , name] = instruction.text.split(/\s+/)
    const stage = stages.at(-1)
    if (instruction.name === 'FROM') {
      const base = first.replaceAll(/\$\{(\w+)\}/g, (_, variable: string) => args[variable] ?? '')
      stages.push({ name: name ?? String(stages.length), base, instructions: [] })
    } else if (stage !== undefined) stage.instructions.push(instruction)
    else if (instruction.name === 'ARG') Object.assign(args, pairsOf(instruction.text))
    else throw new Error(`${instruction.name} stands before the first FROM`)
  }
  return stages
}

/** `A=1 B="two words"` of ENV, LABEL and ARG. */
export function pairsOf(text: string): Record<string, string> {
  const found = text.matchAll(/([\w.-]+)=(?:"((?:\\.|[^"\\])*)"|(\S+))/g)
  return Object.fromEntries([...found].map(([, name = '', quoted, plain]) => [name, quoted ?? plain ?? '']))
}

/** The exec form of CMD, ENTRYPOINT, VOLUME and HEALTHCHECK CMD. @throws {SyntaxError} for the shell form */
export function execForm(text: string): string[] {
  const parsed: unknown = JSON.parse(text.replace(/^CMD\s+/, ''))
  if (Array.isArray(parsed) && parsed.every((part) => typeof part === 'string')) return parsed
  throw new SyntaxError(`Not in exec form: ${text}`)
}

/** All instructions of a kind. */
export function all(stage: Stage, name: string): Instruction[] {
  return stage.instructions.filter((instruction) => instruction.name === name)
}

/** What the last instruction of a kind says. @throws when the stage has none */
export function last(stage: Stage, name: string): Instruction {
  const found = all(stage, name).at(-1)
  if (found === undefined) throw new Error(`The stage ${stage.name} has no ${name}`)
  return found
}

/** The environment that an image's process starts with. */
export function environmentOf(stage: Stage): Record<string, string> {
  return Object.assign({}, ...all(stage, 'ENV').map(({ text }) => pairsOf(text)))
}

/** What a process of the image is started with: ENTRYPOINT, then the arguments or CMD. */
export function commandOf(stage: Stage, args: readonly string[] = execForm(last(stage, 'CMD').text)): string[] {
  return [...execForm(last(stage, 'ENTRYPOINT').text), ...args]
}

/** Whether a file of the context is sent to the builder, by a `.dockerignore` whose lines are plain names. */
export function isSent(ignoreFile: string, path: string): boolean {
  const lines = ignoreFile.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const isNamed = (name: string) => name === '*' || path === name || path.startsWith(`${name}/`)
  const [decides] = lines.toReversed().filter((line) => isNamed(line.replace('!', '')))
  return decides === undefined || decides.startsWith('!')
}

function instructionsOf(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
  return lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => {
      const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? []
      const [flags = ''] = /^(--[\w-]+=\S+\s+)*/.exec(rest) ?? []
      const named = [...flags.matchAll(/--([\w-]+)=(\S+)/g)].map(([, flag = '', value = '']) => [flag, value])
      return { name: name.toUpperCase(), flags: Object.fromEntries(named), text: rest.slice(flags.length).trim() }
    })
}
