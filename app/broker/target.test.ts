import { expect, test } from 'vitest'
import { checkTargetSession, type NamedPane } from './target.ts'

const panes = [
  pane({ sessionName: 'dev', address: 'dev:0.0', paneId: '%1', agent: 'claude' }),
  pane({ sessionName: 'dev', address: 'dev:0.1', paneId: '%2' }),
  pane({ sessionName: 'two', address: 'two:0.0', paneId: '%3', agent: 'claude' }),
  pane({ sessionName: 'two', address: 'two:1.0', paneId: '%4', agent: 'codex' }),
  pane({ sessionName: 'shell', address: 'shell:0.0', paneId: '%5' }),
  pane({ sessionName: 'dead', address: 'dead:0.0', paneId: '%6', dead: true }),
  pane({ sessionName: 'a/b', address: 'a/b:0.0', paneId: '%7', agent: 'gemini' }),
]

test.each(['dev', 'dev:0.0', '%1', 'pi-1/dev', 'two:1.0', 'a/b'])('%s names one agent', (name) => {
  expect(checkTargetSession(panes, name)).toBe(name)
})

test.each([
  ['nowhere', 'There is no session "nowhere". Sessions with an agent: a/b, dev, two.'],
  ['shell', 'Session "shell" has no agent in it (it runs bash).'],
  ['dev:0.1', 'Session "dev:0.1" has no agent in it (it runs bash).'],
  ['dead', 'The pane of session "dead" is dead.'],
  ['two', 'Session "two" has 2 agents: two:0.0 (%3, claude), two:1.0 (%4, codex). Name one of them exactly.'],
])('%s is refused with what is there instead', (name, sentence) => {
  expect(() => checkTargetSession(panes, name)).toThrow(sentence)
})

function pane(change: Partial<NamedPane>): NamedPane {
  return {
    node: 'pi-1',
    sessionName: '',
    address: '',
    paneId: '',
    agent: null,
    command: 'bash',
    dead: false,
    ...change,
  }
}
