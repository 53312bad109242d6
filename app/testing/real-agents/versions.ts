/** The agents that this project is tried with, and the npm package of each. */
export const realAgents = {
  claude: { package: '@anthropic-ai/claude-code', version: '2.1.329', binary: 'claude' },
  codex: { package: '@openai/codex', version: '0.169.0', binary: 'codex' },
  gemini: { package: '@google/gemini-cli', version: '0.61.0', binary: 'gemini' },
  opencode: { package: 'opencode-ai', version: '1.18.33', binary: 'opencode' },
} as const

export type RealAgentKind = keyof typeof realAgents

export const realAgentKinds = Object.keys(realAgents) as RealAgentKind[]
