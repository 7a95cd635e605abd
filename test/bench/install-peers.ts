import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Installs packages that only a bench knows.
 * @param asked a directory where they are already, or `true`
 * @param listed the `package.json` that names them
 */
export function installPeers(asked: string, listed: URL): { path: string; remove(): void } {
  if (asked !== 'true') return { path: asked, remove: () => undefined }
  const path = mkdtempSync(join(tmpdir(), 'helix-peers-'))
  copyFileSync(listed, join(path, 'package.json'))
  execFileSync('npm', ['install', '--no-audit', '--no-fund'], { cwd: path, stdio: ['ignore', 'ignore', 'inherit'] })
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
