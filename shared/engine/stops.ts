/** Thrown to leave a step whose time is over, between items: the execution is queued again and goes on from its checkpoints. */
export class SliceEnd extends Error {
  override readonly name = 'SliceEnd'
}

/** Thrown to leave a step that somebody cancelled. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
}
