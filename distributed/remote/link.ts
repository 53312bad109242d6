import type { CallAnswer, CallArgs, CallName } from '../protocol/calls.ts'
import type { News } from '../protocol/news.ts'

export interface LinkListeners {
  /** The node can be heard, for the first time or again; nothing of an earlier connection comes any more. */
  onUp(): void
  onDown(): void
  /** Fulfilled when nothing of it can be lost any more; the node tells it again until then. */
  onNews(news: News): Promise<void>
}

/** The way to one node, over any number of cuts. */
export interface NodeLink {
  readonly node: string
  readonly isUp: boolean
  /** Throws what the node throws; `AwayError` while the node can't be heard, or when that ends meanwhile. */
  call<Name extends CallName>(name: Name, args: CallArgs<Name>): Promise<CallAnswer<Name>>
  /** One listener. */
  listen(listeners: LinkListeners): void
}
