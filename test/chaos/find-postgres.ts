import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const DEBIAN = '/usr/lib/postgresql' // a folder for each version, not in the PATH
const MADE_FOR = ['postgres', 'nobody'] // who runs a server where we are root, which Postgres refuses to be

/** Where `initdb`, `pg_ctl` and `postgres` are: the newest version that Debian's layout has, else the PATH; null when nowhere. */
export function findPostgres(path = process.env.PATH ?? '', debian = DEBIAN): string | null {
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : []
  const places = [...versions.map((version) => join(debian, version, 'bin')), ...path.split(delimiter)]
  return places.find((place) => ['initdb', 'pg_ctl', 'postgres'].every((name) => existsSync(join(place, name)))) ?? null
}

/** The user that the server runs as: ourselves, or an unprivileged one where we are root; null when there is none. */
export function serverUser(uid = process.getuid?.() ?? 0, passwd = readUsers()): { uid?: number; gid?: number } | null {
  if (uid !== 0) return {}
  for (const name of MADE_FOR) {
    const [, , user, group] = passwd.find((fields) => fields[0] === name) ?? []
    if (user !== undefined && group !== undefined) return { uid: Number(user), gid: Number(group) }
  }
  return null
}

function readUsers(): string[][] {
  const text = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : ''
  return text.split('\n').map((line) => line.split(':'))
}
