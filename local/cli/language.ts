import type { Language } from '../../shared/platform/problems.ts'

/** A text for people, in both languages. */
export type Text = Readonly<Record<Language, string>>

/**
 * In which language the command line speaks: as asked, else HELIX_LANGUAGE, else that of the locale (the first of
 * LC_ALL, LC_MESSAGES, LANG that is set), else English.
 */
export function chooseLanguage(asked: string | undefined, env: Readonly<Record<string, string | undefined>>): Language {
  for (const wish of [asked, env.HELIX_LANGUAGE]) if (wish === 'zh' || wish === 'en') return wish
  const locale = [env.LC_ALL, env.LC_MESSAGES, env.LANG].find((value) => value !== undefined && value !== '')
  return locale?.toLowerCase().startsWith('zh') === true ? 'zh' : 'en'
}

/** What `--lang` says, read before the arguments are parsed, since help and errors are in that language too. */
export function askedLanguage(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--')
  const options = end === -1 ? argv : argv.slice(0, end)
  const index = options.findLastIndex((argument) => argument === '--lang' || argument.startsWith('--lang='))
  const found = options[index]
  return found === '--lang' ? options[index + 1] : found?.slice('--lang='.length)
}
