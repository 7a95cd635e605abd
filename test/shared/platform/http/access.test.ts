import { describe, expect, test } from 'vitest'
import { FUNCTIONS } from '../../../../functions/manifest.ts'
import { neededRole } from '../../../../shared/platform/http/access.ts'

const TASKS = '/api/v0/data_pipeline/tasks'
const routes = FUNCTIONS.filter(({ trigger }) => trigger === 'http').flatMap(({ app }) =>
  app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => ({ method, path })),
)
const needs = (role: ReturnType<typeof neededRole>) => [
  ...new Set(
    routes
      .filter(({ method, path }) => neededRole(method, path) === role)
      .map(({ method, path }) => `${method} ${path}`),
  ),
]

describe('who may call what', () => {
  test('only what says nothing of this installation is open', () => {
    expect(needs(null).toSorted()).toEqual([
      'GET /',
      'GET /api/v1/health/live',
      'GET /api/v1/health/ready',
      'GET /docs',
      'GET /openapi.json',
      'GET /port-discovery.js',
    ])
  })

  test('a viewer may read everything else, and nothing but read', () => {
    const reads = routes.filter(({ method, path }) => method === 'GET' && neededRole(method, path) !== null)
    expect(reads.map(({ method, path }) => neededRole(method, path))).toEqual(reads.map(() => 'viewer'))
    expect(needs('viewer').filter((route) => !route.startsWith('GET '))).toEqual([])
  })

  test('an operator works with tasks, sources, nodes and workflows', () => {
    expect(needs('operator').toSorted()).toEqual([
      'PATCH /api/v0/data_pipeline/tasks/:task_id/pairs/:pair',
      'POST /api/v0/data_pipeline/sources/:name/test',
      'POST /api/v0/data_pipeline/tasks',
      'POST /api/v0/data_pipeline/tasks/:task_id/cancel',
      'POST /api/v0/data_pipeline/tasks/:task_id/execute',
      'POST /api/v0/data_pipeline/tasks/:task_id/resume',
      'POST /api/v0/data_pipeline/tasks/execute-complete',
      'POST /api/v0/training/search',
      'POST /api/v1/alerts/:id/ack',
      'POST /api/v1/alerts/:id/silence',
      'POST /api/v1/coordinator/decide',
      'POST /api/v1/jobs',
      'POST /api/v1/nodes',
      'POST /api/v1/nodes/:name/trial',
      'POST /api/v1/nodes/trial',
      'POST /api/v1/nodes/validate',
      'POST /api/v1/workflows',
      'POST /api/v1/workflows/:id/rollback',
      'POST /api/v1/workflows/:id/run',
      'POST /api/v1/workflows/:id/snapshots',
      'POST /api/v1/workflows/:id/validate',
      'POST /api/v1/workflows/rollback',
      'PUT /api/v1/workflows/:id',
    ])
  })

  test('what deletes or sets rules for all needs an admin', () => {
    expect(needs('admin').toSorted()).toEqual([
      'DELETE /api/v0/data_pipeline/tasks/:task_id',
      'DELETE /api/v0/training/items/:id',
      'DELETE /api/v1/alerts',
      'DELETE /api/v1/nodes/:name',
      'DELETE /api/v1/workflows/:id',
      'PATCH /api/v1/ops/settings',
      'POST /api/v1/alerts/test',
      'POST /api/v1/ops/cleanup/:task_id',
      'POST /api/v1/ops/cleanups/:id/rollback',
      'POST /api/v1/ops/database/maintain',
      'POST /api/v1/ops/dead-letters/:id/redrive',
      'POST /api/v1/ops/incidents/:id/repair',
      'POST /api/v1/ops/scan',
      'POST /api/v1/ops/zombies/fix',
      'PUT /api/v1/alerts/rules/:name',
    ])
  })

  test.each([
    ['POST', '/api/v1/ops/scan', 'admin'],
    ['PATCH', '/api/v1/ops/settings', 'admin'],
    ['PUT', '/api/v1/alerts/rules/slow', 'admin'],
    ['POST', '/api/v1/alerts/7/ack', 'operator'],
    ['POST', '/api/v1/workflows/w/run', 'operator'],
    ['DELETE', '/api/v1/nodes/n', 'admin'],
    ['POST', '/something/new', 'admin'],
    ['OPTIONS', TASKS, 'admin'],
    ['GET', '/api/v1/health/live/', 'viewer'],
    ['GET', '/api/v1/health/live%2f..', 'viewer'],
    ['POST', '/api/v1/health/live', 'admin'],
  ])('%s %s needs at least the role %s', (method, path, role) => expect(neededRole(method, path)).toBe(role))
})
