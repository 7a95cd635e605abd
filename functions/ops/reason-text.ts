import * as z from 'zod'

/** Why somebody changes something, in their own words. */
export const ReasonText = z.string().max(1000).optional().meta({ description: 'For the audit log' })
