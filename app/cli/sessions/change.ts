import type { SessionChanges } from '../../broker/session-settings.ts'
import type { SessionSettings } from '../../db/session-settings.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { withDesk } from '../with.ts'

/** Changes how the assigner treats a session; kept by name, so that it holds for the next one of that name. */
export async function changeSession(
  wanted: string,
  changes: SessionChanges,
  options: { json?: true },
): Promise<void> {
  const output = openOutput(options)
  await withDesk(async (desk) => {
    const settings = await desk.changeSession(wanted, changes)
    const { node, name } = settings
    if (output.json) output.document(toJson({ node, name, settings }))
    else output.line(`Session ${name}: ${inWords(settings)}.`)
  })
}

function inWords({ tier, tags, paused, ignored, manager }: SessionSettings): string {
  return [
    tier ?? 'worker',
    ...(manager === null ? [] : [`led by ${manager}`]),
    ignored ? 'ignored: it gets no prompts' : 'gets prompts',
    ...(paused ? ['paused'] : []),
    ...(tags.length > 0 ? [`tags ${tags.join(', ')}`] : []),
  ].join(', ')
}
