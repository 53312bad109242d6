import type { Prompt } from '../core/prompt.ts'
import { toJson } from '../json.ts'

/** The reply of every route that changed one prompt. */
export function changedPrompt(prompt: Prompt) {
  return { success: true as const, prompt_id: prompt.id, prompt: toJson(prompt) }
}
