import { SCHEDULED } from '../scheduled/manifest.ts'
import { cloudflareWorker } from './cloudflare.ts'
import { FUNCTIONS } from './manifest.ts'
import { openTriggers } from './triggers.ts'

/** The entry of the Cloudflare Worker. */
export default cloudflareWorker(openTriggers(FUNCTIONS, SCHEDULED))
