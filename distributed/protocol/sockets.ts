import type { DefaultEventsMap, Socket as ServerSocket } from 'socket.io'
import type { Socket as ClientSocket } from 'socket.io-client'
import type { MetricSample } from '../../app/core/metric-sample.ts'
import type { NodeFacts, NodeId } from '../../app/core/node.ts'
import type { Packed } from './packing.ts'

/** Where nodes and assigners connect, on the dashboard's own port. */
export const nodesPath = '/nodes.io'
export const nodeNamespace = '/node'
export const assignerNamespace = '/assigner'
/** Where other programs of this installation ask one node something, and are told nothing. */
export const guestNamespace = '/guest'
export const joinNamespace = '/join'

/** No message is larger than this on the wire, in bytes; larger ones are not sent (`packing.ts`). */
export const mostWireBytes = 8 * 1024 * 1024

/** What a node says of itself with each connection. */
export interface NodeGreeting {
  key: string
  name: string
  protocol: number
  agentVersion: string
  /** Its clock. */
  now: number
  /** Made anew with each start of an agent: two with one key are told apart by it. */
  instance: string
}

/** A machine that has an invitation and wants its own key. */
export interface JoinMessage {
  token: string
  name: string
  protocol: number
  agentVersion: string
  facts: NodeFacts
}

export type JoinReply = { name: string; key: string } | { refused: string }

export interface FromJoining {
  join: (message: JoinMessage, reply: (reply: JoinReply) => void) => void
}

/** In one report; a node that was away for a day needs ten of them. */
export const mostSamplesInReport = 150

export interface Report {
  samples: MetricSample[]
  facts?: NodeFacts
  now: number
}

/** What a node is told in return. */
export interface ReportReply {
  /** The next report is due within this, in ms. */
  everyMs: number
  sampleEveryMs: number
  /** Its own new key, which takes the place of the one that it has. */
  newKey?: string
}

/**
 * What became of news. `later`: they could not be taken now, and are to be told again; `nobody`: nobody listens, and
 * `tell` says when somebody does; `refused`: they never will be taken.
 */
export type Heard = 'taken' | 'later' | 'nobody' | 'refused'

export interface FromNode {
  news: (packed: Packed, heard: (how: Heard) => void) => void
  report: (report: Report, reply: (reply: ReportReply) => void) => void
}

export interface ToNode {
  call: (name: string, packed: Packed, answer: (packed: Packed) => void) => void
  /** Somebody listens from now on, and knows nothing yet. */
  tell: () => void
  /** A sample each so many ms from now on: somebody begins to look at the node, or looks no more. */
  sample: (everyMs: number) => void
}

export interface FromAssigner {
  call: (node: string, name: string, packed: Packed, answer: (packed: Packed | null) => void) => void
}

export interface ToAssigner {
  up: (node: string) => void
  down: (node: string) => void
  news: (node: string, packed: Packed, heard: (how: Heard) => void) => void
}

export type NodeSideSocket = ClientSocket<ToNode, FromNode>
/** What the dashboard keeps of a node's connection. */
export interface NodeSocketData {
  id: NodeId
  name: string
  instance: string
}

export type NodeSocket = ServerSocket<FromNode, ToNode, DefaultEventsMap, NodeSocketData>
export type AssignerSideSocket = ClientSocket<ToAssigner, FromAssigner>
export type AssignerSocket = ServerSocket<FromAssigner, ToAssigner>
