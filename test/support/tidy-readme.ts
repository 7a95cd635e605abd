import type { TextFile } from './tidy-text.ts'

/** What differs between the two READMEs: the levels of their headings and their commands. Nothing while neither exists. */
export function readmesApart(files: readonly TextFile[]): string[] {
  const english = files.find(({ path }) => path === 'README.md')
  const chinese = files.find(({ path }) => path === 'README.zh-CN.md')
  if (english === undefined && chinese === undefined) return []
  if (english === undefined) return ['README.md: is missing']
  if (chinese === undefined) return ['README.zh-CN.md: is missing']
  return [
    ...difference(headingLevels(english.text), headingLevels(chinese.text), 'headings'),
    ...difference(commands(english.text), commands(chinese.text), 'commands'),
  ]
}

function difference(english: readonly string[], chinese: readonly string[], what: string): string[] {
  const index = Array.from({ length: Math.max(english.length, chinese.length) }, (_, at) => at).find(
    (at) => english[at] !== chinese[at],
  )
  if (index === undefined) return []
  const shown = [english[index], chinese[index]].map((value) => value ?? 'nothing').join(' | ')
  return [`README.zh-CN.md: ${what} differ from README.md at number ${index + 1}: ${shown}`]
}

function headingLevels(text: string): string[] {
  const prose = text.replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, '')
  return [...prose.matchAll(/^(#{1,6}) /gm)].map((match) => match[1] ?? '')
}

/** The lines of every fenced block in which something is typed; comments and quoted prose may be in either language. */
function commands(text: string): string[] {
  return [...text.matchAll(/^(`{3,})(\w*)\n([\s\S]*?)^\1$/gm)]
    .filter((match) => /^(|sh|bash|shell|console)$/.test(match[2] ?? ''))
    .flatMap((match) => (match[3] ?? '').split('\n'))
    .map((line) =>
      line
        .replace(/(^|\s+)#\s.*$/, '')
        .replaceAll(/"[^"]*"/g, '"…"')
        .trim(),
    )
    .filter((line) => line !== '')
}
