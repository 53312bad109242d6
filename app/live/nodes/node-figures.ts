import type { NodeId } from '../../core/node.ts'
import { figureNames, figuresOf, type FigureName } from '../../core/metric-figures.ts'
import type { Web } from '../../http/web.ts'
import type { LiveSocket } from '../socket.ts'

/** The newest figures of a node, as its page draws them. */
export interface NodeSampleMessage {
  node: NodeId
  at: number
  figures: Partial<Record<FigureName, number | null>>
}

/** Figures of the node that a client looks at, each second as long as it does. */
export class NodeFigures implements Disposable {
  readonly #web: Web
  readonly #watchers = new Map<LiveSocket, { node: NodeId; look: Disposable }>()
  readonly #stop: () => void

  constructor(web: Web) {
    this.#web = web
    this.#stop = web.nodes.watch.onSample(({ id }, { sample, at }) => {
      const watching = [...this.#watchers].filter(([, { node }]) => node === id)
      if (watching.length === 0) return
      const values = figuresOf(sample)
      const figures = Object.fromEntries(figureNames.map((name, index) => [name, values[index] ?? null]))
      // A client that is behind misses some: the next one is newer anyway.
      for (const [socket] of watching) socket.volatile.emit('node:sample', { node: id, at, figures })
    })
  }

  /** This node instead of the one before; null: none. */
  watch(socket: LiveSocket, node: NodeId | null): void {
    this.forget(socket)
    if (node !== null) this.#watchers.set(socket, { node, look: this.#web.nodes.watch.look(node) })
  }

  forget(socket: LiveSocket): void {
    this.#watchers.get(socket)?.look[Symbol.dispose]()
    this.#watchers.delete(socket)
  }

  [Symbol.dispose](): void {
    this.#stop()
    for (const socket of this.#watchers.keys()) this.forget(socket)
  }
}
