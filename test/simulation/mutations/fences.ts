import { type Mutation, mutation, WRITES } from './mutation.ts'

/** Who may write: claims, leases, files of zombies. */
export const FENCES: readonly Mutation[] = [
  mutation(
    'fence-dropped',
    WRITES,
    'e.execution_id = i.execution_id and e.claim = i.claim and e.status',
    'e.execution_id = i.execution_id and e.status',
  ),
  mutation(
    'final-status-overwritten',
    WRITES,
    'and e.claim = i.claim and e.status = any (i.sources)',
    'and e.claim = i.claim',
  ),
  mutation(
    'takeover-without-a-new-claim',
    WRITES,
    'claim = case when i.takeover then e.claim + 1 else e.claim end',
    'claim = e.claim',
  ),
  mutation(
    'takeover-of-a-live-lease',
    WRITES,
    'and (not i.takeover or e.lease_expires_at is null or e.lease_expires_at <= i.at)',
    '',
  ),
  mutation(
    'claim-does-not-rise',
    'shared/engine/lease.ts',
    'claim = claim + 1, lease_owner = $3',
    'claim = claim, lease_owner = $3',
  ),
  mutation(
    'claimed-before-its-time',
    'shared/engine/lease.ts',
    ' and admitted_at is not null and available_at <= $4)',
    ')',
  ),
  mutation(
    'restart-frees-the-leases-of-all',
    'shared/engine/lease.ts',
    'lease_owner like $1 and lease_owner <> $2',
    '(lease_owner like $1 or true) and lease_owner <> $2',
  ),
  mutation('lease-for-an-hour', 'shared/engine/lease.ts', 'LEASE_MS = 30_000', 'LEASE_MS = 3_600_000'),
  mutation(
    'lease-not-extended',
    WRITES,
    'lease_expires_at = case when i.status is null then i.lease_expires_at end',
    'lease_expires_at = case when i.status is null then e.lease_expires_at end',
  ),
  mutation('heartbeats-too-rare', 'shared/engine/lease.ts', 'HEARTBEAT_MS = 5_000', 'HEARTBEAT_MS = 60_000'),
  mutation(
    'zombie-creates-over-files',
    'shared/engine/held-file.ts',
    "ifNoneMatch: '*' })) return\n  for",
    '})) return\n  for',
  ),
  mutation('zombie-replaces-files', 'shared/engine/held-file.ts', '    await keeper.flush()\n', ''),
  mutation(
    'two-leaders',
    'shared/engine/leader.ts',
    'where leases.expires_at <= $4 or',
    'where leases.expires_at <= $4 or true or',
  ),
]
