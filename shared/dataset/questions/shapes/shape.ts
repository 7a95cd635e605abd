import type { Link } from '../link.ts'
import type { Draft, Scene } from '../scene.ts'

/** A kind of question over one relation: as many drafts as its columns give occasion for. */
export type TableShape = (scene: Scene) => readonly Draft[]

/** A kind of question over a foreign key's two relations. */
export type LinkShape = (link: Link) => readonly Draft[]

/** A kind of question over several foreign keys that lead to one relation. */
export type StarShape = (links: readonly Link[]) => readonly Draft[]

/** A kind of question over two foreign keys that meet in a relation. */
export type PathShape = (first: Link, second: Link) => readonly Draft[]
