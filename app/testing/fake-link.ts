import { AwayError } from '../core/errors.ts'
import type { CallAnswer, CallArgs, CallName } from '../../distributed/protocol/calls.ts'
import type { LinkListeners, NodeLink } from '../../distributed/remote/link.ts'

type Answers = { [Name in CallName]?: (args: CallArgs<Name>) => Promise<CallAnswer<Name>> }

/** The way to a node whose answers and cuts a test decides. What it has no answer for can't be heard. */
export interface FakeLink extends NodeLink {
  answers: Answers
  /** What the site listens with. */
  listeners: LinkListeners | null
}

export function fakeLink(node: string, answers: Answers = {}): FakeLink {
  const link: FakeLink = {
    node,
    isUp: true,
    answers,
    listeners: null,
    call: (name, args) =>
      link.answers[name]?.(args) ?? Promise.reject(new AwayError(`${node} can't be heard.`)),
    listen(listeners) {
      link.listeners = listeners
    },
  }
  return link
}
