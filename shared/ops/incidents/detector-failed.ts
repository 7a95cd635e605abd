/** A detector that threw: it has seen nothing, which is not the same as that nothing is there. */
export const DETECTOR_FAILED = {
  name: 'detector_failed',
  severity: 'P1',
  layer: 'system',
  kind: 'detector',
  meaning: {
    zh: '某类故障的检测器自身出错，该类故障暂时无法发现',
    en: 'A detector fails, so that its kind of fault goes unseen',
  },
} as const
