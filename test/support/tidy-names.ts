import { only, places, type TextFile } from './tidy-text.ts'

const NAMED = /(?<![\w.])(?:test|it)(?:\.\w+(?:\([^()]*\))?)*\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g
const POOR_NAME = /^(it\s|should\b|works?\b|tests?\b)|^\S*$/i

/** Tests that would not run although they are green: narrowed, left out, or to be written. */
export function silentTests(files: readonly TextFile[]): string[] {
  return testsOf(files).flatMap(({ path, text }) => {
    const code = only(['code', 'string'], text)
    const narrowed = places(
      path,
      code,
      /\b(?:test|it|describe)(?:\.\w+)*\.(?:only|skip|todo)\(|\b(?:fit|xit|xdescribe)\(/,
    )
    // `skip('why')` of a test's context says its reason in the report; without one nobody would know.
    const unexplained = places(path, code, /\b(?:ctx|context|t)\.skip\(\s*\)|(?<![\w.])skip\(\s*\)/)
    return [...narrowed, ...unexplained].map(({ at, found }) => `${at}: ${found}`)
  })
}

/** A name that is used twice does not say which of the two failed. */
export function repeatedTestNames(files: readonly TextFile[]): string[] {
  return testsOf(files).flatMap(({ path, text }) => {
    const names = namesOf(text).filter((name) => !/^[%$]/.test(name))
    return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map(
      (name) => `${path}: two tests are named "${name}"`,
    )
  })
}

/** Names that state no behaviour. */
export function badTestNames(files: readonly TextFile[]): string[] {
  return testsOf(files).flatMap(({ path, text }) =>
    namesOf(text)
      .filter((name) => !name.startsWith('%') && !name.startsWith('$') && POOR_NAME.test(name))
      .map((name) => `${path}: "${name}" is no sentence`),
  )
}

function namesOf(text: string): string[] {
  return [...only(['code', 'string'], text).matchAll(NAMED)].map((match) => match[2] ?? '')
}

function testsOf(files: readonly TextFile[]): TextFile[] {
  return files.filter(({ path }) => /^test\/.*\.ts$/.test(path) && !/^test\/support\/tidy-/.test(path))
}
