import { existsSync } from 'node:fs'
import { mkdtemp, rmdir, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { canListen, freePort, PORTS } from '../../drivers/free-port.ts'
import { bytesText } from '../output/units.ts'
import type { Check, Finding, Patient } from './check.ts'

const DISK_BYTES_LOW = 1_000_000_000 // an embedded store and the files of some tasks
const DISK_BYTES_MIN = 100_000_000 // an embedded store alone takes 50 MB

export const dataDirCheck: Check = {
  name: { zh: '数据目录', en: 'Data directory' },
  examine: async (patient) =>
    await writable(patient, patient.config.HELIX_DATA_DIR, {
      zh: '改为可写，或用 HELIX_DATA_DIR 指定另一个目录',
      en: 'Make it writable, or name another one with HELIX_DATA_DIR',
    }),
}

export const filesRootCheck: Check = {
  name: { zh: '文件目录', en: 'Files' },
  examine: async (patient) =>
    await writable(patient, patient.config.HELIX_FILES_ROOT, {
      zh: '改为可写，或用 HELIX_FILES_ROOT 指定另一个目录',
      en: 'Make it writable, or name another one with HELIX_FILES_ROOT',
    }),
}

export const diskCheck: Check = {
  name: { zh: '磁盘空间', en: 'Disk space' },
  async examine({ config, say }) {
    const { bavail, bsize } = await statfs(existingPart(config.HELIX_FILES_ROOT))
    const bytes = bavail * bsize
    const detail = say({ zh: `剩余 ${bytesText(bytes)}`, en: `${bytesText(bytes)} free` })
    if (bytes >= DISK_BYTES_LOW) return { status: 'ok', detail }
    const next = say({
      zh: '清理磁盘，或把 HELIX_FILES_ROOT 移到别处',
      en: 'Free some, or move HELIX_FILES_ROOT elsewhere',
    })
    return { status: bytes < DISK_BYTES_MIN ? 'fail' : 'warn', detail, next }
  },
}

export const envelopeCheck: Check = {
  name: { zh: '可移植范围', en: 'Envelope' },
  async examine({ config, say }) {
    if (config.HELIX_ENVELOPE === 'enforce') {
      return { status: 'ok', detail: say({ zh: '超出时执行失败', en: 'enforced' }) }
    }
    return {
      status: 'warn',
      detail: say({
        zh: 'HELIX_ENVELOPE=warn：超出时只记录日志，在云上可能失败',
        en: 'HELIX_ENVELOPE=warn: what is over it is only logged, and may break on a cloud',
      }),
      next: say({ zh: '部署前改为 HELIX_ENVELOPE=enforce', en: 'Set HELIX_ENVELOPE=enforce before you deploy' }),
    }
  },
}

export const portCheck: Check = {
  name: { zh: '端口', en: 'Port' },
  async examine({ config, say, runnerUrl }): Promise<Finding> {
    if (runnerUrl !== null) {
      return {
        status: 'ok',
        detail: say({ zh: `运行器正在 ${runnerUrl} 上运行`, en: `a runner listens at ${runnerUrl}` }),
      }
    }
    const { API_PORT: asked, HELIX_HOST: host } = config
    if (asked !== undefined && (await canListen(host, asked))) return { status: 'ok', detail: `${host}:${asked}` }
    const free = await freePort(host)
    if (free === null) {
      const detail = say({
        zh: `${PORTS.first}–${PORTS.last} 全部被占用`,
        en: `every port from ${PORTS.first} to ${PORTS.last} is taken`,
      })
      return {
        status: 'fail',
        detail,
        next: say({ zh: '把 API_PORT 设为空闲端口', en: 'Set API_PORT to a free port' }),
      }
    }
    if (asked === undefined) return { status: 'ok', detail: `${host}:${free}` }
    return {
      status: 'warn',
      detail: say({
        zh: `API_PORT ${asked} 被占用，将使用 ${free}`,
        en: `API_PORT ${asked} is taken; ${free} would be used`,
      }),
      next: say({ zh: '释放该端口，或修改 API_PORT', en: 'Free that port, or change API_PORT' }),
    }
  },
}

/** Tried by making a folder and removing it again, since permissions alone do not tell of a read-only disk. */
async function writable(patient: Patient, path: string, next: { zh: string; en: string }): Promise<Finding> {
  try {
    await rmdir(await mkdtemp(join(existingPart(path), '.helix-doctor-')))
    return { status: 'ok', detail: path }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const detail = patient.say({ zh: `无法写入 ${path}（${code}）`, en: `${path} can't be written (${code})` })
    return { status: 'fail', detail, next: patient.say(next) }
  }
}

/** The path itself, or the nearest folder above it that exists. */
function existingPart(path: string): string {
  let part = resolve(path)
  while (!existsSync(part) && dirname(part) !== part) part = dirname(part)
  return part
}
