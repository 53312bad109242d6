import type { Escalation } from '../../broker/delegation/escalate.ts'
import { toJson } from '../../json.ts'
import { readPromptSource } from '../assigner/prompt-source.ts'
import { openOutput } from '../output/output.ts'
import { withDesk } from '../with.ts'

interface EscalateOptions {
  to?: Escalation
  reason?: string
  json?: true
}

const noReason = 'Please look at it, and say how it shall go on.'

/** `prompts escalate ID`: what is asked goes up by one, and the answer comes back to the session that works on it. */
export async function escalatePrompt(id: number, options: EscalateOptions): Promise<void> {
  const question = await readPromptSource({ send: options.reason ?? noReason })
  const output = openOutput(options)
  await withDesk(async (desk) => {
    const asked = await desk.escalate(id, question, options.to)
    if (output.json) return output.document({ success: true, ...toJson(asked) })
    output.line(
      asked.asked === 'person'
        ? `A person is asked, as question ${asked.taskId}. ./deploy.sh questions answer ${asked.taskId} "…"`
        : `The session that delegated it is asked, by prompt ${asked.promptId}.`,
    )
  })
}
