import { seededRandom, seedOf } from '../../platform/random.ts'
import { type SqlParser, SqlSyntaxError } from '../../platform/sql-parser.ts'
import { type Catalog, sameRelation } from '../catalog/catalog.ts'
import type { TableProfile } from '../catalog/profile.ts'
import { type Candidate, classifyPair } from './classify.ts'
import { type Language, labelsOf } from './labels.ts'
import { type Link, linkOf } from './link.ts'
import { type Draft, sceneOf, type World } from './scene.ts'
import { LINK_SHAPES, SELF_LINK_SHAPES, TABLE_SHAPES } from './shapes/all.ts'
import { EMPTY_SHAPES } from './shapes/empty.ts'
import { JOIN_SHAPES } from './shapes/join.ts'
import { BRIDGE_SHAPES, CHAIN_SHAPES } from './shapes/path.ts'
import { SIBLING_SHAPES } from './shapes/siblings.ts'
import { STAR_SHAPES } from './shapes/star.ts'
import { isListed } from './shapes/values.ts'
import type { Topic } from './topics.ts'
import { foreignKeyId, valueId } from './usage.ts'
import type { Voice } from './wording.ts'

export interface GenerateOptions {
  readonly language: Language
  /** The same seed, catalog and profiles give byte-identical pairs. */
  readonly seed: number
  readonly sqlParser: SqlParser
}

interface NamedDraft extends Draft {
  readonly shape: string
}

/** Every question of the grammar that fits a topic: many more than are wanted, for `selectPairs` to choose from. */
export async function generatePairs(
  catalog: Catalog,
  profiles: ReadonlyMap<string, TableProfile>,
  topic: Topic,
  options: GenerateOptions,
): Promise<Candidate[]> {
  const world = worldOf(catalog, profiles, options.language)
  const voiceFor = (shape: string): Voice => ({
    language: options.language,
    random: seededRandom(seedOf(`${options.seed} ${topic.key} ${shape}`)),
  })
  const candidates: Candidate[] = []
  const listed = listedValues(world, topic, voiceFor(''))
  for (const draft of draftsFor(world, topic, voiceFor)) {
    const candidate = await classifyPair(options.sqlParser, catalog, {
      ...draft,
      language: options.language,
      origin: 'generator',
      topic: topic.key,
      onEmptyTable: topic.onEmptyTable,
    }).catch(leftOut)
    if (candidate !== null)
      candidates.push({ ...candidate, values: (candidate.values ?? []).filter((value) => listed.has(value)) })
  }
  return candidates
}

/** A schema that a kind of question did not reckon with costs that question, not the run. */
function leftOut(error: unknown): null {
  if (error instanceof SqlSyntaxError) return null
  throw error
}

/** The values that a set of pairs should name, each somewhere: those of short lists. */
function listedValues(world: World, topic: Topic, voice: Voice): ReadonlySet<string> {
  const relations = world.catalog.relations.filter((one) => topic.relations.some((name) => sameRelation(one, name)))
  return new Set(
    relations.flatMap((relation) => {
      const { fields, rows } = sceneOf(world, relation, voice)
      const listed = fields.filter((field) => isListed(field, rows))
      return listed.flatMap(({ column, profile }) =>
        profile.values.map(({ value }) => valueId(relation, column.name, value)),
      )
    }),
  )
}

function draftsFor(world: World, topic: Topic, voiceFor: (shape: string) => Voice): readonly NamedDraft[] {
  if (topic.kind === 'relation') return relationDrafts(world, topic, voiceFor)
  if (topic.kind === 'join') return joinDrafts(world, topic, voiceFor)
  if (topic.kind === 'star') return starDrafts(world, topic, voiceFor)
  const shapes = { chain: CHAIN_SHAPES, bridge: BRIDGE_SHAPES, siblings: SIBLING_SHAPES }[topic.kind]
  return Object.entries(shapes).flatMap(([shape, draw]) => {
    const links = linksFor(world, topic, voiceFor(shape))
    return links === null ? [] : draw(...links).map((draft) => ({ ...draft, shape }))
  })
}

function relationDrafts(world: World, topic: Topic, voiceFor: (shape: string) => Voice): readonly NamedDraft[] {
  const relation = world.catalog.relations.find((one) => topic.relations.some((name) => sameRelation(one, name)))
  if (relation === undefined) return []
  const shapes = topic.onEmptyTable ? EMPTY_SHAPES : TABLE_SHAPES
  return Object.entries(shapes).flatMap(([shape, draw]) =>
    draw(sceneOf(world, relation, voiceFor(shape))).map((draft) => ({ ...draft, shape })),
  )
}

function joinDrafts(world: World, topic: Topic, voiceFor: (shape: string) => Voice): readonly NamedDraft[] {
  const key = world.catalog.foreignKeys.find((one) => topic.foreignKeys[0] === foreignKeyId(one))
  if (key === undefined) return []
  const own = sameRelation(key.from, key.to) ? SELF_LINK_SHAPES : LINK_SHAPES
  const shapes = topic.onEmptyTable ? pickShapes(JOIN_SHAPES, ['count-joined', 'child-with-parent']) : own
  return Object.entries(shapes).flatMap(([shape, draw]) => {
    const link = linkOf(world, key, voiceFor(shape))
    return link === null ? [] : draw(link).map((draft) => ({ ...draft, shape }))
  })
}

function starDrafts(world: World, topic: Topic, voiceFor: (shape: string) => Voice): readonly NamedDraft[] {
  const keys = topic.foreignKeys.flatMap(
    (id) => world.catalog.foreignKeys.find((key) => foreignKeyId(key) === id) ?? [],
  )
  return Object.entries(STAR_SHAPES).flatMap(([shape, draw]) => {
    const links: Link[] = []
    for (const key of keys) {
      const parent = links[0]?.parent.alias
      const taken = [...links.map(({ child }) => child.alias), ...(parent === undefined ? [] : [parent])]
      const link = linkOf(world, key, voiceFor(shape), parent === undefined ? {} : { parent, taken })
      if (link !== null) links.push(link)
    }
    return draw(links).map((draft) => ({ ...draft, shape }))
  })
}

/** Both keys of a path, sharing the alias of the relation where they meet. */
function linksFor(world: World, topic: Topic, voice: Voice): readonly [Link, Link] | null {
  const [one, other] = topic.foreignKeys.map((id) => world.catalog.foreignKeys.find((key) => foreignKeyId(key) === id))
  if (one === undefined || other === undefined) return null
  const first = linkOf(world, one, voice)
  if (first === null) return null
  const aliases = {
    chain: { child: first.parent.alias, taken: [first.child.alias] },
    bridge: { child: first.child.alias, taken: [first.parent.alias] },
    siblings: { parent: first.parent.alias, taken: [first.child.alias, first.parent.alias] },
    relation: {},
    join: {},
    star: {},
  }[topic.kind]
  const second = linkOf(world, other, voice, aliases)
  return second === null ? null : [first, second]
}

function pickShapes<T>(shapes: Readonly<Record<string, T>>, names: readonly string[]): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(shapes).filter(([name]) => names.includes(name)))
}

// Naming a catalog of hundreds of tables takes longer than drafting one topic's questions.
const worlds = new WeakMap<ReadonlyMap<string, TableProfile>, Map<Language, World>>()

function worldOf(catalog: Catalog, profiles: ReadonlyMap<string, TableProfile>, language: Language): World {
  const known = worlds.get(profiles) ?? new Map<Language, World>()
  worlds.set(profiles, known)
  const found = known.get(language)
  if (found?.catalog === catalog) return found
  const world: World = { catalog, profiles, labels: labelsOf(catalog, language) }
  known.set(language, world)
  return world
}
