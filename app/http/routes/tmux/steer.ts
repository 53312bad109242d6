import { z } from 'zod'
import { findPane, holdsAgent } from '../../../broker/named-session.ts'
import { typeInto } from '../../../broker/type-into.ts'
import { AppError } from '../../../core/errors.ts'
import { paneKey } from '../../../core/host.ts'
import type { OpenSite } from '../../../core/site.ts'
import { normalisePromptText } from '../../../core/prompt-text.ts'
import { giveSessionToken } from '../../../accounts/session-token.ts'
import { bindSessionToken, endSessionToken } from '../../../db/account/session-tokens.ts'
import { appendEvent } from '../../../db/events.ts'
import { setSessionSettings } from '../../../db/session-settings.ts'
import { atSession, nodeName, siteNamed } from '../../at-node.ts'
import { defineRoute, type Route } from '../../route.ts'
import { sessionName } from '../../schemas/tmux.ts'
import { giveForStart } from '../vault/give.ts'
import { panesOf } from '../../tmux-sessions.ts'

const shared = { method: 'post', tag: 'tmux', access: { role: 'operator', scope: 'sessions' } } as const

const keyName = z
  .string()
  .regex(/^[\w-]{1,20}$/, { error: "must be a key in tmux's words: C-c, Escape, Down" })

const sendRoute = defineRoute({
  ...shared,
  path: '/api/tmux/send',
  summary: 'Type a command into a session; prompts for agents go through the queue instead',
  body: z
    .strictObject({
      session: sessionName,
      node: nodeName,
      command: z.string().min(1).max(100_000).optional().describe('pasted as it is'),
      keys: z.array(keyName).min(1).max(50).optional(),
      enter: z.boolean().default(true).describe('press Enter afterwards'),
      raw: z.boolean().default(false).describe('yes, into an agent, past the queue'),
    })
    .refine(({ command, keys }) => (command === undefined) !== (keys === undefined), {
      error: 'send either a command or keys',
    }),
  reply: z.object({
    success: z.literal(true),
    node: z.string(),
    session: z.string(),
    pane_id: z.string(),
  }),
  async handle({ web, body, caller, requestId }) {
    const at = atSession(web, body.session, body.node)
    const pane = await findPane(at, body.session)
    if (!body.raw && (await holdsAgent(at, pane))) throw agentThere(pane.sessionName)
    const typing = {
      ...(body.command !== undefined && {
        text: normalisePromptText(body.command, { agentCommand: true }),
      }),
      ...(body.keys && { keys: body.keys }),
      enter: body.enter && body.command !== undefined,
    }
    await typeInto(at, pane, typing, `http-${requestId}`, caller!.actor)
    return { success: true as const, node: at.host.node, session: pane.sessionName, pane_id: pane.paneId }
  },
})

function agentThere(name: string): AppError {
  return new AppError(
    'conflict',
    `Session "${name}" holds an agent. Send it a prompt (POST /api/agents/send), which is proved to arrive, ` +
      'or say "raw": true to type there anyway.',
  )
}

const variableName = z.string().regex(/^[A-Za-z_]\w*$/, { error: 'must be the name of a variable' })

const createRoute = defineRoute({
  ...shared,
  path: '/api/tmux/create',
  summary: 'Make a session: with an agent in it, a command, or a shell',
  body: z.strictObject({
    session_name: sessionName,
    node: nodeName,
    dir: z
      .string()
      .startsWith('/')
      .max(4_096)
      .optional()
      .describe("working folder; the user's home on that machine when absent"),
    agent: z.string().min(1).max(100).optional().describe('claude, codex, gemini, opencode, …'),
    command: z
      .union([z.string().min(1).max(10_000), z.array(z.string().max(10_000)).min(1).max(200)])
      .optional()
      .describe('a line for the shell, or the words of a program'),
    env: z.record(variableName, z.string().max(10_000)).optional(),
    secrets: z
      .array(z.string().min(1).max(300))
      .max(50)
      .default([])
      .describe('of the vault, by name: NAME, or VARIABLE=NAME; takes the scope "secrets" or a recent login'),
    password: z.string().max(1000).optional().describe('for secrets, where the login is not recent'),
    server: z.string().max(500).optional().describe('label of the tmux server'),
    tier: z.enum(['high_level', 'manager', 'worker']).optional(),
    tags: z.array(z.string().min(1).max(100)).max(20).optional(),
  }),
  reply: z.object({
    success: z.literal(true),
    node: z.string(),
    session: z.string(),
    pane_id: z.string(),
    server: z.string(),
    note: z.string().nullable().describe('what a person has to do before the agent has hooks and tools'),
  }),
  async handle({ web, body, caller, address }) {
    const { clock, database } = web
    const site = siteNamed(web, body.node)
    const { host, launcher } = site
    const { session_name: name, agent, server, tier, tags, password } = body
    // The one that has the name keeps its token.
    await refuseTaken(site, name, server)
    const wanted = { name, agent: agent ?? null, command: commandOf(body), dir: body.dir ?? null }
    const named = { node: host.node, name }
    const token = agent === undefined ? null : await giveSessionToken(database, named, clock.now())
    const giving = { secrets: body.secrets, to: `session ${host.node}/${name}`, password, address }
    const secrets = await giveForStart(web, caller!, giving)
    const { command, env, dir, note, hasSecrets } = await launcher.prepare(wanted, token, secrets)
    if (body.secrets.length > 0 && !hasSecrets) throw knowsNoSecrets(host.node)
    const session = { name, dir, command, env: { ...env, ...body.env } }
    const pane = await host.create({ ...session, ...(server !== undefined && { server }) })
    await database.write(async (db) => {
      const nounId = `${host.node}/${paneKey(pane)}`
      const data = { name, dir, command, ...(agent && { agent }) }
      appendEvent(db, { at: clock.now(), noun: 'session', nounId, type: 'create', data })
      await bindSessionToken(db, named, nounId)
      if (agent === undefined && tier === undefined && tags === undefined) return
      const settings = {
        createdBy: caller!.name,
        dir,
        ...(agent && { agent }),
        ...(tier && { tier }),
        ...(tags && { tags }),
      }
      await setSessionSettings(db, named, settings, clock.now())
    })
    await database.bus.notify('sessions')
    const { paneId, server: label } = pane
    return { success: true as const, node: host.node, session: name, pane_id: paneId, server: label, note }
  },
})

function knowsNoSecrets(node: string): AppError {
  return new AppError(
    'conflict',
    `The node agent of ${node} is too old to hand secrets to a session. Upgrade it, then try again.`,
  )
}

async function refuseTaken(site: OpenSite, name: string, server: string | undefined) {
  const panes = await panesOf(site)
  if (!panes.some((pane) => pane.sessionName === name && (server ?? pane.server) === pane.server)) return
  throw new AppError('conflict', `There is a session "${name}" already; choose another name.`)
}

interface Program {
  agent?: string | undefined
  command?: string | string[] | undefined
}

function commandOf({ agent, command }: Program): string[] | null {
  if (command === undefined) return null
  if (agent !== undefined) throw new AppError('invalid', 'Say either the agent or the command.')
  return typeof command === 'string' ? ['sh', '-c', command] : command
}

const killRoute = defineRoute({
  ...shared,
  path: '/api/tmux/kill',
  summary: 'End a session and what runs in it',
  body: z.strictObject({
    session_name: sessionName,
    node: nodeName,
    server: z.string().max(500).optional(),
  }),
  reply: z.object({ success: z.literal(true), node: z.string(), session: z.string() }),
  async handle({ web, body }) {
    const { clock, database } = web
    const { host } = siteNamed(web, body.node)
    const { session_name: session, server } = body
    await host.kill(session, server)
    await database.write(async (db) => {
      await endSessionToken(db, { node: host.node, name: session }, 'session ended', clock.now())
      appendEvent(db, {
        at: clock.now(),
        noun: 'session',
        nounId: `${host.node}/${session}`,
        type: 'kill',
        data: { name: session },
      })
    })
    await database.bus.notify('sessions')
    return { success: true as const, node: host.node, session }
  },
})

export const steerRoutes: readonly Route[] = [sendRoute, createRoute, killRoute]
