import { z } from 'zod'
import { listNodes } from '../../../db/node/read.ts'
import { sshConfig, sshHostsOf, termiusCsv } from '../../../nodes/termius.ts'
import { OwnAnswer } from '../../own-answer.ts'
import { defineRoute, type Route } from '../../route.ts'
import type { Web } from '../../web.ts'

const viewer = { role: 'viewer', scope: 'read' } as const

const hostSchema = z.object({
  node: z.string(),
  label: z.string(),
  group: z.string(),
  host: z.string(),
  port: z.number(),
  user: z.string().nullable(),
  tags: z.array(z.string()),
})

const previewRoute = defineRoute({
  method: 'get',
  path: '/api/termius/preview',
  tag: 'Nodes',
  summary: 'What an export would hold, and which machines it leaves out',
  access: viewer,
  reply: z.object({
    hosts: z.array(hostSchema),
    left_out: z.array(z.object({ node: z.string(), why: z.string() })),
  }),
  handle: ({ web }) => hostsOf(web),
})

const exportRoute = defineRoute({
  method: 'get',
  path: '/api/termius/export',
  tag: 'Nodes',
  summary: 'Machines as a file: format=csv for Termius, format=ssh_config for ssh and Termius',
  access: viewer,
  query: z.object({ format: z.enum(['csv', 'ssh_config']).default('csv') }),
  reply: z.string(),
  async handle({ web, query: { format } }) {
    const hosts = await hostsOf(web)
    const isCsv = format === 'csv'
    const text = isCsv ? termiusCsv(hosts) : sshConfig(hosts)
    return new OwnAnswer((_request, response) => {
      response.attachment(isCsv ? 'architect-termius.csv' : 'architect-ssh-config')
      response.type(isCsv ? 'text/csv; charset=utf-8' : 'text/plain; charset=utf-8').send(text)
      return Promise.resolve()
    })
  },
})

async function hostsOf(web: Web) {
  return sshHostsOf(await listNodes(web.database.kysely))
}

export const termiusRoutes: readonly Route[] = [previewRoute, exportRoute]
