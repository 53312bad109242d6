import { joinCommand } from '../../nodes/join-command.ts'
import type { EpochMs } from '../../core/clock.ts'
import type { NodeAlert } from '../../core/node-alert.ts'
import type { JoinToken, Node, NodeKey } from '../../core/node.ts'
import { listAlerts } from '../../db/node/alerts.ts'
import { listNodeKeys } from '../../db/node/keys.ts'
import { getNode, getNodeByWord, listNodes } from '../../db/node/read.ts'
import { changeNode } from '../../db/node/write.ts'
import { fromJson, type Json } from '../../json.ts'
import { enrolNodes } from '../../nodes/enrol.ts'
import { addScriptNode } from '../../nodes/add.ts'
import { invitingPlace } from '../../nodes/dashboard-address.ts'
import { inviteNode } from '../../nodes/invite.ts'
import { issueNodeKey, revokeNode, rotateNodeKey } from '../../nodes/keys.ts'
import { nodesNow, type NodeNow } from '../../nodes/now.ts'
import { forgetNode } from '../../nodes/remove.ts'
import type { Records } from '../../records.ts'
import { personHere } from '../person.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import type { Sides } from '../with.ts'

export interface Invited {
  invitation: JoinToken
  token: string
  url: string | null
  command: string
  warning: string | null
}

/** The machines of one dashboard, by their number or name. */
export interface NodeDesk {
  list(filter: { tag?: string; text?: string }): Promise<NodeNow[]>
  show(word: string): Promise<{ node: NodeNow; keys: NodeKey[]; alerts: NodeAlert[] }>
  invite(wish: { name: string | null; tags: string[]; url: string | null }): Promise<Invited>
  /** Keys for these machines, in their order; null: they have to be invited one by one, as on another machine. */
  enrol(names: readonly string[], tags: readonly string[]): Promise<string[] | null>
  /** A machine without an agent, and its key. */
  add(wish: { name: string; tags: string[] }): Promise<{ node: Node; key: string }>
  /** `key` where a person has to bring it there. */
  rotateKey(word: string): Promise<{ node: Node; key: string | null }>
  revoke(word: string, reason: string | null): Promise<Node>
  /** `minutes` 0 ends it. */
  maintain(word: string, minutes: number): Promise<Node>
  remove(word: string): Promise<void>
}

export const nodeDesks: Sides<NodeDesk> = { local: localNodes, remote: remoteNodes }

/** Alerts of one node, and nodes of one page over there. */
const shown = 200

/** The records are those that a dashboard of this machine works with; only it knows the newest figures. */
function localNodes({ database, clock }: Records): NodeDesk {
  const records = { database, clock }
  const db = database.kysely
  const by = personHere().name
  return {
    list: async (filter) => nodesNow(db, null, await listNodes(db, filter)),
    async show(word) {
      const [node] = await nodesNow(db, null, [await getNodeByWord(db, word)])
      const { id } = node!
      const alerts = await listAlerts(db, { nodeId: id, limit: shown })
      return { node: node!, keys: await listNodeKeys(db, id), alerts }
    },
    async invite({ name, tags, url: given }) {
      const { url, fingerprint, warning } = await invitingPlace(database, given)
      const made = await inviteNode(records, { name, tags, by, url, fingerprint })
      return { ...made, command: joinCommand(made.token, url, name), warning }
    },
    enrol: (names, tags) => enrolNodes(records, names, tags),
    add: (wish) => addScriptNode(records, { ...wish, ssh: { host: null, port: null, user: null } }),
    async rotateKey(word) {
      const node = await getNodeByWord(db, word)
      if (node.kind === 'script') return { node, key: await issueNodeKey(records, node) }
      await rotateNodeKey(records, node)
      return { node, key: null }
    },
    async revoke(word, reason) {
      const node = await getNodeByWord(db, word)
      await revokeNode(records, node, reason)
      return getNode(db, node.id)
    },
    async maintain(word, minutes) {
      const { id } = await getNodeByWord(db, word)
      const maintenanceUntil: EpochMs | null = minutes === 0 ? null : clock.now() + minutes * 60_000
      return database.write((tx) => changeNode(tx, id, { maintenanceUntil }, clock.now()))
    },
    remove: async (word) => forgetNode(records, await getNodeByWord(db, word)),
  }
}

function remoteNodes(dashboard: Dashboard): NodeDesk {
  const path = (word: string, rest = '') => `/api/nodes/${encodeURIComponent(word)}${rest}`
  const change = async (word: string, verb: string, body: object) => {
    const reply = await dashboard.send<{ node: Json<Node>; key?: string | null }>(
      'POST',
      path(word, verb),
      body,
    )
    return { node: fromJson<Node>(reply.node), key: reply.key ?? null }
  }
  return {
    async list({ tag, text }) {
      const query = {
        ...(tag !== undefined && { tag }),
        ...(text !== undefined && { q: text }),
        limit: shown,
      }
      const found: NodeNow[] = []
      for (let cursor: number | null = 0; cursor !== null;) {
        const page: ListedNodes = await dashboard.get('/api/nodes', {
          ...query,
          ...(cursor > 0 && { cursor }),
        })
        found.push(...page.items.map(nodeOf))
        cursor = page.next_cursor
      }
      return found
    },
    async show(word) {
      const node = nodeOf(await dashboard.get<Json<NodeNow>>(path(word)))
      const { items } = await dashboard.get<{ items: Json<NodeAlert>[] }>('/api/nodes/alerts', {
        state: 'all',
        limit: shown,
      })
      const keys = await dashboard.get<{ items: Json<NodeKey>[] }>(path(word, '/keys'))
      const alerts = fromJson<NodeAlert[]>(items).filter(({ nodeId }) => nodeId === node.id)
      return { node, keys: fromJson<NodeKey[]>(keys.items), alerts }
    },
    async invite(wish) {
      const reply = await dashboard.send<Json<Invited>>('POST', '/api/nodes/invitations', {
        ...wish,
        url: wish.url ?? dashboard.url,
      })
      return fromJson<Invited>(reply)
    },
    enrol: async () => null,
    async add(wish) {
      const { node, key } = await dashboard.send<{ node: Json<Node>; key: string }>(
        'POST',
        '/api/nodes',
        wish,
      )
      return { node: fromJson<Node>(node), key }
    },
    rotateKey: (word) => change(word, '/rotate-key', {}),
    revoke: async (word, reason) => (await change(word, '/revoke', { reason })).node,
    maintain: async (word, minutes) => (await change(word, '/maintenance', { minutes })).node,
    async remove(word) {
      await dashboard.send('DELETE', path(word))
    },
  }
}

interface ListedNodes {
  items: Json<NodeNow>[]
  next_cursor: number | null
}

/** A sample keeps its own short names. */
function nodeOf({ latest, ...rest }: Json<NodeNow>): NodeNow {
  return { ...fromJson<NodeNow>(rest as Json<NodeNow>), latest: latest as NodeNow['latest'] }
}
