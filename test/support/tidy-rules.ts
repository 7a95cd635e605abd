import { brokenArrows, hiddenIntroductions, importCycles, unportableImports } from './tidy-imports.ts'
import { cronsApart, tooManyCrons, unlistedFunctions, unlistedSchedules, weekdaysByNumber } from './tidy-manifests.ts'
import { badTestNames, repeatedTestNames, silentTests } from './tidy-names.ts'
import { readmesApart } from './tidy-readme.ts'
import { only, places, type TextFile, type TextKind } from './tidy-text.ts'

/** One rule of the house: it reads the sources as text and says what breaks it. */
export interface Rule {
  /** A sentence that could stand in the style guide. */
  readonly name: string
  /** One line per breach, beginning with the file. */
  readonly breaches: (files: readonly TextFile[]) => string[]
}

/** A rule that a pattern can tell. */
interface Ban {
  readonly name: string
  readonly files: RegExp
  readonly except?: RegExp
  /** What is read; everything when absent. */
  readonly kinds?: readonly TextKind[]
  readonly pattern: RegExp
  readonly instead: string
}

const CLOUD = /^(functions|scheduled|shared)\/.*\.ts$/
// Drivers that make time and chance, and log lines, for everybody else.
const CLOCKS = /^(shared\/platform\/(cloud|aws)[\w-]*|local\/drivers\/system-(clock|random))\.ts$/
const LINES_MAX = 300
const SOURCE = /\.(ts|tsx|js|mjs|sql|css|html)$|^\.ci\/run$/
const RULES_THEMSELVES = /^test\/(support\/tidy-[\w-]+|tidy\.test)\.ts$/

const BANS: readonly Ban[] = [
  {
    name: 'Only an entry reads the environment',
    files: /^(functions|scheduled|shared|local|web)\/.*\.(ts|tsx|js)$/,
    except: /^local\/(cli|runner)\/|^functions\/lambda\.ts$/, // a Worker is handed its environment, a Lambda is not
    kinds: ['code'],
    pattern: /\bprocess\.env\b/,
    instead: 'take it from platform.config',
  },
  {
    name: 'Time comes from the platform clock',
    files: /^(functions|scheduled|shared|local)\/.*\.ts$/,
    except: CLOCKS,
    kinds: ['code'],
    pattern: /\bnew Date\(\s*\)|\bDate\.now\(|\bperformance\.now\(/,
    instead: 'use platform.clock',
  },
  {
    name: 'Chance comes from the platform',
    files: /^(functions|scheduled|shared|local)\/.*\.ts$/,
    except: CLOCKS,
    kinds: ['code'],
    pattern: /\bMath\.random\b/,
    instead: 'use platform.random',
  },
  {
    name: 'Timers belong to drivers',
    files: CLOUD,
    except: CLOCKS,
    kinds: ['code'],
    pattern: /\bset(Timeout|Interval|Immediate)\(/,
    instead: 'use platform.clock.sleep',
  },
  {
    name: 'Statements get the time as a parameter',
    files: /^(functions|scheduled|shared)\/.*\.(ts|sql)$/,
    // A list of words that Postgres reserves; ages of the server's own sessions, which only its own clock can tell.
    except: /^shared\/(dataset\/catalog\/quote|ops\/database\/server-time)\.ts$/,
    kinds: ['string'],
    pattern: /(?<![.\w])(now\(\s*\)|clock_timestamp\(|current_timestamp\b)/i,
    instead: 'pass platform.clock.now() as a parameter',
  },
  {
    name: 'What happens is told by log events',
    files: /^(functions|scheduled|shared|local)\/.*\.ts$/,
    except: CLOCKS,
    kinds: ['code'],
    pattern: /\bconsole\.\w+/,
    instead: 'use platform.log, or write to the stream',
  },
  {
    name: 'Nothing is left to be fixed later',
    files: SOURCE,
    except: RULES_THEMSELVES,
    pattern: /\b(FIXME|TODO|XXX)\b/,
    instead: 'do it, or open an issue',
  },
  {
    name: 'Only functions, scheduled functions and configuration files have a default export',
    files: /\.tsx?$/,
    except: /^(functions|scheduled|test\/conformance\/entries)\/|^[\w.]+\.config\.ts$|\.d\.ts$/,
    kinds: ['code'],
    pattern: /(^|\n)\s*export default\b|\bas default\b/,
    instead: 'name the export',
  },
  {
    name: 'No file tells where it was written or where packages come from',
    files: /./,
    except: RULES_THEMSELVES,
    pattern: /(?<![\w.})~-])\/(tmp|root|home)\/|https?:\/\/registry\b/,
    instead: 'leave it out',
  },
]

const SPELLINGS: readonly { readonly wrong: RegExp; readonly right: string }[] = [
  // Postgres says "canceling statement due to …" and names it query_canceled; its own words stay as they are.
  { wrong: /(?<!query_)canceled/i, right: 'cancelled' },
  { wrong: /cancell?ing(?! statement)/i, right: 'cancel, cancellation' },
  { wrong: /\bcancelation/i, right: 'cancellation' },
  { wrong: /work-flow|workFlow\b/, right: 'workflow' },
  { wrong: /check-point|checkPoint/, right: 'checkpoint' },
  { wrong: /'in-progress'|\binProgress\b/, right: 'in_progress' },
  { wrong: /\bartefact/i, right: 'output (or artifact, in HELIX names)' },
  { wrong: /\bdata[-_]base\b|dataBase/, right: 'database' },
  { wrong: /\bheart-beat|heartBeat/, right: 'heartbeat' },
  { wrong: /\bmeta-data|metaData/, right: 'metadata' },
]

/** Every rule that needs no reviewer, because the tidy test reads the sources. */
export const RULES: readonly Rule[] = [
  { name: 'Imports point one way', breaches: brokenArrows },
  { name: 'Only functions introduce the engine to the data set', breaches: hiddenIntroductions },
  { name: 'No import leads back to where it came from', breaches: importCycles },
  { name: 'What runs on any cloud imports nothing of one machine', breaches: unportableImports },
  ...BANS.map(ruleOf),
  { name: `A file has at most ${LINES_MAX} lines`, breaches: tooLong },
  { name: 'A domain word is spelled one way', breaches: misspelt },
  { name: 'No test is left out silently', breaches: silentTests },
  { name: 'Two tests of a file have different names', breaches: repeatedTestNames },
  { name: 'A test is named by a sentence', breaches: badTestNames },
  { name: 'Every function is in the manifest', breaches: unlistedFunctions },
  { name: 'Every scheduled function is in the manifest', breaches: unlistedSchedules },
  { name: 'wrangler.toml fires what is scheduled, and nothing else', breaches: cronsApart },
  { name: 'There are at most five cron expressions', breaches: tooManyCrons },
  { name: 'Weekdays of a cron expression are names', breaches: weekdaysByNumber },
  { name: 'The READMEs say the same in both languages', breaches: readmesApart },
]

function ruleOf({ name, files, except, kinds, pattern, instead }: Ban): Rule {
  return {
    name,
    breaches: (all) =>
      all
        .filter(({ path }) => files.test(path) && except?.test(path) !== true)
        .flatMap(({ path, text }) => places(path, read(path, text, kinds), pattern))
        .map(({ at, found }) => `${at}: ${found} (${instead})`),
  }
}

function read(path: string, text: string, kinds: readonly TextKind[] | undefined): string {
  if (kinds === undefined) return text
  // A statement's comments begin with two dashes; the rest of a migration is what it does.
  return path.endsWith('.sql') ? text.replaceAll(/--[^\n]*/g, '') : only(kinds, text)
}

function tooLong(files: readonly TextFile[]): string[] {
  return files
    .filter(({ path }) => SOURCE.test(path) && !/\.generated\.|^worker-configuration/.test(path))
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ path, lines }) => `${path}: ${lines} lines, at most ${LINES_MAX}`)
}

function misspelt(files: readonly TextFile[]): string[] {
  return files
    .filter(({ path }) => /\.(tsx?|js|sql|md|css|html)$/.test(path) && !RULES_THEMSELVES.test(path))
    .flatMap(({ path, text }) =>
      SPELLINGS.flatMap(({ wrong, right }) =>
        places(path, text, wrong).map(({ at, found }) => `${at}: ${found}, we write ${right}`),
      ),
    )
}
