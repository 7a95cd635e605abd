import { SCHEDULED } from '../scheduled/manifest.ts'
import { budgetedTriggers } from './budgeted-triggers.ts'
import { cloudflareWorker } from './cloudflare.ts'
import { FUNCTIONS } from './manifest.ts'
import { openTriggers } from './triggers.ts'

/** The entry of the Cloudflare Worker. */
export default cloudflareWorker(budgetedTriggers(openTriggers(FUNCTIONS, SCHEDULED)))
