/**
 * Planned cost above which a source that can't stop a running statement does not run it. The embedded database gets
 * through some 100 to 200 units a millisecond, so this is five to ten seconds.
 */
export const UNSTOPPABLE_COST_MAX = 1_000_000
