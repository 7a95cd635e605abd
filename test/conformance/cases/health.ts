import { deepEqual, equal } from 'node:assert/strict'
import { casesOf } from '../suite/case.ts'

/** Whether it says that it is well. */
export const health = casesOf('health', [
  'is alive, ready and healthy',
  async (t) => {
    for (const path of ['/api/v1/health/live', '/api/v1/health/ready', '/api/v1/health']) {
      const { status, body } = await t.call('GET', path)
      deepEqual([path, status, body.status], [path, 200, 'healthy'])
    }
  },
])

/** Untrusted code, under its limits. */
export const sandbox = casesOf('sandbox', [
  'computes in the sandbox, and its limits hold',
  async (t) => {
    const { status, body } = await t.call('GET', '/health/dynamic-nodes')
    equal(status, 200, JSON.stringify(body))
    equal(body.status, 'healthy')
    for (const [what, holds] of Object.entries(body.sandbox)) if (typeof holds === 'boolean') equal(holds, true, what)
  },
])
