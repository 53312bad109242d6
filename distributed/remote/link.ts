import { AppError } from '../../app/core/errors.ts'
import { valueOf } from '../protocol/answers.ts'
import { calls, type CallAnswer, type CallArgs, type CallName } from '../protocol/calls.ts'
import type { News } from '../protocol/news.ts'
import { unpack, type Packed } from '../protocol/packing.ts'

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

/** What a node answered, as the question promises it. Throws what the node threw. */
export function understand<Name extends CallName>(
  node: string,
  name: Name,
  packed: Packed,
): CallAnswer<Name> {
  const answer = calls[name].answer.safeParse(valueOf(unpack(packed)))
  if (answer.success) return answer.data as CallAnswer<Name>
  const says = `The node agent of ${node} answered what is not understood here. Upgrade the older side.`
  throw new AppError('unavailable', says, { cause: answer.error })
}
