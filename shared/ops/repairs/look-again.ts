import { FAULTS } from '../faults/all.ts'
import type { Repair } from '../incidents/repair.ts'

/** For a detector that threw: there is nothing to put right but to see whether it can look again. */
export const lookAgain: Repair = {
  name: 'look-again',
  run: async () => ({
    changed: false,
    summary: { zh: '重新运行检测器，未改动任何数据', en: 'The detector is asked again; nothing was changed' },
  }),
  async verify(platform, { id }) {
    const fault = FAULTS.find(({ name }) => name === id)
    if (fault === undefined) return 'fixed' // of another version; nobody looks for it any more
    try {
      await fault.detect(platform)
      return 'fixed'
    } catch {
      return 'not_fixed'
    }
  },
}
