import { createMcpHandler } from '@modelcontextprotocol/server'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { z } from 'zod'
import { messageOf } from '../../core/errors.ts'
import { buildServer } from '../../mcp/server.ts'
import { OwnAnswer } from '../own-answer.ts'
import { defineRoute, type Route, type RouteCall } from '../route.ts'

/*
 * The Model Context Protocol over HTTP. Nothing is kept between two requests, so that an agent's session
 * survives every restart of the dashboard.
 */

const common = {
  path: '/mcp',
  tag: 'Agents',
  access: 'session',
  reply: z.unknown(),
} as const

export const mcpRoutes: readonly Route[] = [
  defineRoute({
    ...common,
    method: 'post',
    summary: 'The tools of a session, over MCP (streamable HTTP)',
    body: z.unknown(),
    handle: async (call) => answer(call),
  }),
  defineRoute({
    ...common,
    method: 'get',
    summary: 'MCP: there is no stream to listen to',
    handle: async (call) => answer(call),
  }),
  defineRoute({
    ...common,
    method: 'delete',
    summary: 'MCP: there is no session to end',
    handle: async (call) => answer(call),
  }),
]

function answer({ web, caller, body }: RouteCall<unknown, unknown, unknown>): OwnAnswer {
  const { database, clock, log } = web
  const onFault = (error: unknown, tool: string) =>
    log.json.error({ err: error, tool }, `an agent's tool failed: ${messageOf(error)}`)
  const session = caller!.agent!
  const handler = createMcpHandler(() => buildServer({ session, database, clock, onFault }), {
    onerror: (error) => log.json.debug({ err: error }, 'an MCP request was refused'),
  })
  return new OwnAnswer((request, response) => toNodeHandler(handler)(request, response, body ?? undefined))
}
