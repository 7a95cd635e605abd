import { expect, test } from 'vitest'
import type { Catalog, Column, ForeignKey, Relation } from '../../../../shared/dataset/catalog/catalog.ts'
import type { ColumnProfile, TableProfile } from '../../../../shared/dataset/catalog/profile.ts'
import { planTopics } from '../../../../shared/dataset/questions/topics.ts'

const CHILDREN = 20

test('the many kinds of children of a hub do not crowd out chains and bridges', () => {
  const paths = planTopics(hubCatalog(), profilesOf(hubCatalog()), { pathsMax: 40 }).filter(
    ({ relations }) => relations.length > 2,
  )
  expect(paths.filter(({ kind }) => kind === 'chain')).toHaveLength(CHILDREN)
  expect(paths).toHaveLength(40)
  expect(paths.slice(CHILDREN).every(({ kind }) => kind === 'star' || kind === 'siblings')).toBe(true)
})

test('a third of the pairs of keys that meet in a hub meet in a topic of four keys each', () => {
  const stars = planTopics(hubCatalog(), profilesOf(hubCatalog())).filter(({ kind }) => kind === 'star')
  expect(stars.map(({ foreignKeys }) => new Set(foreignKeys).size)).toEqual(stars.map(() => 4))
  const met = stars.flatMap(({ foreignKeys }) =>
    foreignKeys.flatMap((one) => foreignKeys.filter((other) => one < other).map((other) => `${one} ${other}`)),
  )
  const all = (CHILDREN * (CHILDREN - 1)) / 2
  expect(new Set(met).size).toBeGreaterThan(all / 3)
  expect(stars.length).toBeLessThan(all / 8)
})

/** Twenty tables refer to a hub, and the hub to its region. */
function hubCatalog(): Catalog {
  const children = Array.from({ length: CHILDREN }, (_, at) => `child_${String.fromCharCode(97 + at)}`)
  return {
    database: 'hub',
    serverVersion: 160000,
    relations: [relation('region'), relation('hub'), ...children.map(relation)],
    foreignKeys: [...children.map((name) => key(name, 'hub')), key('hub', 'region')],
    enums: [],
    domains: [],
    prerequisites: [],
  }
}

function relation(name: string): Relation {
  return {
    schema: 'public',
    name,
    kind: 'table',
    comment: null,
    columns: [column('id'), column('up_id')],
    primaryKey: { name: `${name}_pkey`, columns: ['id'], definition: 'PRIMARY KEY (id)' },
    uniques: [],
    checks: [],
    exclusions: [],
    indexes: [],
    partitionKey: null,
    partitions: [],
    definition: null,
    populated: true,
    rowsEstimated: 10,
    dependsOn: [],
  }
}

function column(name: string): Column {
  return {
    name,
    type: 'integer',
    baseType: 'int4',
    isArray: false,
    category: 'N',
    notNull: true,
    default: null,
    identity: null,
    generated: null,
    comment: null,
    enumLabels: null,
  }
}

function key(from: string, to: string): ForeignKey {
  return {
    name: `${from}_fk`,
    from: { schema: 'public', name: from },
    fromColumns: ['up_id'],
    to: { schema: 'public', name: to },
    toColumns: ['id'],
    definition: `FOREIGN KEY (up_id) REFERENCES ${to}(id)`,
  }
}

function profilesOf(catalog: Catalog): ReadonlyMap<string, TableProfile> {
  const profile: ColumnProfile = {
    nullShare: 0,
    distinct: 10,
    min: '1',
    max: '10',
    values: [],
    valuesComplete: false,
    averageLength: 0,
  }
  const columns = { id: profile, up_id: profile }
  return new Map(catalog.relations.map(({ name }) => [name, { rows: 10, rowsExact: true, columns }]))
}
