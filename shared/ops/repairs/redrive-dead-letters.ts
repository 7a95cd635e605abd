import type { Repair } from '../incidents/repair.ts'

/** Sends dead messages again whose work still waits for them; all others stay where they are. */
export const redriveDeadLetters: Repair = {
  name: 'redrive-dead-letters',
  async run({ store, deadLetters }, { facts }, guard) {
    await guard.hold(store, { before: facts, after: { redriven: true } })
    let redriven = 0
    for (const id of facts.letters as readonly string[]) if (await deadLetters?.redrive(id)) redriven += 1
    return {
      changed: redriven > 0,
      summary: { zh: `已重新投递 ${redriven} 条死信`, en: `${redriven} dead messages were sent again` },
    }
  },
  /** Not whether their work waits, but whether any of them is dead again. */
  async verify({ deadLetters }, { facts }) {
    if (deadLetters === undefined) return 'unknown'
    const dead = new Set((await deadLetters.list()).map(({ id }) => id))
    return (facts.letters as readonly string[]).some((id) => dead.has(id)) ? 'not_fixed' : 'fixed'
  },
}
