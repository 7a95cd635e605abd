import { createFunction } from '../../../shared/platform/http/create-function.ts'
import { getItem, recordDelivery, setItem } from './deliveries.ts'

const FAILS = 'tick-fails'

/** Writes each tick down, and fails when it was told to. */
export const tickProbe = createFunction().post('/scheduled/conformance-tick', async (c) => {
  const { platform } = c.env
  const fails = (await getItem(platform.store, FAILS)) === 'yes'
  await recordDelivery(platform, 'tick', 0, fails ? 'throw' : 200)
  if (fails) throw new Error('The tick was told to fail')
  return c.json({ ticked: 1 })
})

/** Tells the tick whether to fail from now on. */
export const tickFailsProbe = createFunction().put('/conformance/tick/:fails', async (c) => {
  await setItem(c.env.platform.store, FAILS, c.req.param('fails'))
  return c.json({ fails: c.req.param('fails') })
})
