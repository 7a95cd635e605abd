import { type Mutation, mutation } from './mutation.ts'

/** What sets work in motion: messages, hand-offs, acknowledgements. */
export const MESSAGES: readonly Mutation[] = [
  mutation('outbox-lost', 'shared/engine/run-step.ts', '  await sendMessages(platform, finished.messages)\n', ''),
  mutation(
    'outbox-of-the-sweep-lost',
    'shared/engine/sweep.ts',
    '  await sendMessages(platform, finished.messages)\n',
    '',
  ),
  mutation(
    'admitted-without-a-message',
    'shared/engine/schedule.ts',
    'return (rows[0]?.admitted ?? []).map(messageOf)',
    'return []',
  ),
  mutation(
    'sent-before-the-commit',
    'shared/engine/messages.ts',
    '    return await admitWaiting(tx, admissionRules(platform.config, platform.clock.now()))',
    '    const found = await admitWaiting(tx, admissionRules(platform.config, platform.clock.now()))\n    await sendMessages(platform, found)\n    return found',
  ),
  mutation('hand-off-lost', 'shared/engine/run-step.ts', '  else handOff(platform, finished.next)\n', ''),
  mutation(
    'message-under-the-old-claim',
    'shared/engine/sweep.ts',
    'body: { execution_id: executionId, claim: finished.claim } }',
    'body: { execution_id: executionId, claim } }',
  ),
  mutation(
    'message-ten-times-too-late',
    'shared/engine/run-step.ts',
    'Math.ceil(delayMs / 1000)',
    'Math.ceil(delayMs / 100)',
  ),
  mutation(
    'lost-messages-not-sent-again',
    'shared/engine/rescue.ts',
    ">= unclaimedMsMax ? { kind: 'resend' } :",
    ">= unclaimedMsMax ? { kind: 'leave' } :",
  ),
  mutation(
    'acknowledged-before-commit',
    'local/queue/consumer.ts',
    '  let buried: boolean | null = null\n',
    '  let buried: boolean | null = null\n  await broker.ack(delivery)\n',
  ),
  mutation(
    'delivered-again-while-in-flight',
    'local/queue/broker.ts',
    'new Date(now.getTime() + this.#visibilityMs)',
    'new Date(now.getTime() + 1)',
  ),
  mutation(
    'late-acknowledgement-counts',
    'local/queue/memory-storage.ts',
    'found.deliveries !== held.deliveries || found.visibleAt <= now',
    'false',
  ),
]
