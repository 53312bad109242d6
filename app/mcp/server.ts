import { McpServer, type CallToolResult, type ServerContext } from '@modelcontextprotocol/server'
import { AppError } from '../core/errors.ts'
import { packageVersion } from '../version.ts'
import type { Tool, ToolCall } from './tool.ts'
import { tools } from './tools.ts'

/** Whose tools these are, and where they work. */
export type ToolSurroundings = Omit<ToolCall<unknown>, 'input' | 'signal'> & {
  /** Hears of faults of ours; the agent is told only that there was one. */
  onFault: (error: unknown, tool: string) => void
}

/** The tools of one session. Each connection, or each request over HTTP, gets its own; it costs little. */
export function buildServer(surroundings: ToolSurroundings): McpServer {
  const server = new McpServer(
    { name: 'architect', version: packageVersion() },
    { capabilities: { tools: {} }, instructions },
  )
  for (const tool of tools) {
    const { name, description, input, readOnly } = tool
    server.registerTool(
      name,
      { description, inputSchema: input, annotations: { readOnlyHint: readOnly, openWorldHint: false } },
      (given: unknown, { mcpReq }: ServerContext) => call(tool, given, mcpReq.signal, surroundings),
    )
  }
  return server
}

const instructions =
  'You are one of several agents that Architect lets work together. my_task tells what you are asked to do.'

/** A refusal is an answer that the agent can act on; a fault of ours is not its business. */
async function call(
  tool: Tool,
  input: unknown,
  signal: AbortSignal,
  { onFault, ...surroundings }: ToolSurroundings,
): Promise<CallToolResult> {
  try {
    const answer = await tool.handle({ ...surroundings, input, signal })
    return { content: [{ type: 'text', text: textOf(answer) }] }
  } catch (error) {
    if (error instanceof AppError) return refusal(error.message)
    onFault(error, tool.name)
    return refusal('Architect failed at this; its log tells why. Go on without it, or try once more.')
  }
}

function refusal(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true }
}

function textOf(answer: unknown): string {
  return typeof answer === 'string' ? answer : JSON.stringify(answer)
}
