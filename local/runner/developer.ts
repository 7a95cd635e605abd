import type { Triggers } from '../../functions/triggers.ts'
import type { Platform } from '../../shared/platform/platform.ts'
import { CONTROL_PATH, createControlApp } from '../control/control-app.ts'
import type { Controls } from '../control/controls.ts'
import type { Call } from '../control/invocations.ts'
import { keepRequest, requestAgain, requestLine } from '../control/kept-request.ts'
import { createInspectorApp } from '../inspector/inspector-app.ts'

export interface DeveloperOptions {
  readonly platform: Platform
  readonly triggers: Pick<Triggers, 'fetch'>
  readonly controls: Omit<Controls, 'replay' | 'stopping'>
}

/** HTTP as a developer's runner serves it: the functions, each call recorded, and beside them its own interface. */
export function developerFetch({ platform, triggers, controls }: DeveloperOptions) {
  const { invocations, schedule } = controls
  const record = async (request: Request): Promise<Response> => {
    const call: Call = { trigger: 'http', line: requestLine(request), request: await keepRequest(request) }
    return await invocations.record(new URL(request.url).pathname, call, platform.log, (log) =>
      triggers.fetch({ ...platform, log }, request),
    )
  }
  const replay = (name: string, call: Call): void => {
    if (call.trigger === 'queue') platform.defer(platform.dispatch(call.message))
    else if (call.trigger === 'cron') platform.defer(schedule.fire(name, call.at ?? undefined))
    else if (call.request !== null) platform.defer(record(requestAgain(call.request)))
  }
  const control = createControlApp({ ...controls, replay, stopping: platform.stopping })
  const inspector = createInspectorApp()
  return async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith(`${CONTROL_PATH}/api/`)) return await control.fetch(request, { platform })
    const isInspector = pathname === CONTROL_PATH || pathname.startsWith(`${CONTROL_PATH}/`)
    return isInspector ? await inspector.fetch(request, { platform }) : await record(request)
  }
}
