import { expect, test } from 'vitest'
import type { LoggedEvent } from '../core/event.ts'
import { activityWords } from './activity-words.ts'

const ada = { kind: 'user', name: 'ada', address: null } as const

type Told = Pick<LoggedEvent, 'noun' | 'nounId' | 'type'> & Partial<LoggedEvent>

/** `who did on (detail)`, as the Activity page has it in its columns. */
function sentence(event: Told): string {
  const { did, on, detail, by } = activityWords({ id: 1, at: 0, data: {}, actor: null, ...event })
  const words = [event.actor?.name ?? by, did, on, detail && `(${detail})`]
  return words.filter(Boolean).join(' ')
}

const lead = { parent: 16, from: 'pi-1/lead' }
const asked = { session: 'web', kind: 'permission', input: 'npm publish' }
const denied = { session: 'web', answer: { meaning: 'deny', option: 2, text: null } }
const held = { session: 'api', branch: 'fix/cart-1121', paths: ['app/', ''] }

test.each<[Told, string]>([
  [
    { noun: 'node', nounId: '3', type: 'lose', data: { name: 'pi-1', reason: 'nothing heard for 28 s' } },
    'lost node pi-1 (nothing heard for 28 s)',
  ],
  [
    { noun: 'node', nounId: '3', type: 'revoke', data: { name: 'pi-1' }, actor: ada },
    'ada shut out node pi-1',
  ],
  [
    {
      noun: 'service_account',
      nounId: '4',
      type: 'edit',
      data: { name: 'bot at github', node: 'pi-1', detail: 'suspended' },
    },
    'changed the account bot at github (suspended)',
  ],
  [
    { noun: 'ssh_key', nounId: '2', type: 'rotate', data: { detail: 'SHA256:abc' }, actor: ada },
    'ada replaced the SSH key (SHA256:abc)',
  ],
  [{ noun: 'node', nounId: '', type: 'invite', data: { name: null }, actor: ada }, 'ada invited a machine'],
  [
    { noun: 'alert', nounId: '9', type: 'raise', data: { node: 'pi-1', says: 'pi-1 is 84 °C hot' } },
    'warns of node pi-1 (pi-1 is 84 °C hot)',
  ],
  [
    { noun: 'prompt', nounId: '17', type: 'submit', data: lead },
    'lead queued prompt #17 (part of #16, from lead)',
  ],
  [
    { noun: 'prompt', nounId: '17', type: 'report', data: { text: 'Half of it.', name: 'docs' } },
    'docs tells how far it is with prompt #17 (Half of it.)',
  ],
  [
    { noun: 'prompt', nounId: '17', type: 'send_back', data: { comment: 'Again.' }, actor: ada },
    'ada sent back prompt #17 (Again.)',
  ],
  [
    { noun: 'interaction', nounId: '8', type: 'ask', data: asked },
    'web asks request #8 of web (npm publish)',
  ],
  [
    { noun: 'interaction', nounId: '8', type: 'decide', data: denied, actor: ada },
    'ada denied request #8 of web',
  ],
  [
    { noun: 'pattern', nounId: '3', type: 'enable', data: { name: '`npm test`' }, actor: ada },
    'ada enabled rule npm test',
  ],
  [{ noun: 'lock', nounId: '4', type: 'take', data: held }, 'api locked fix/cart-1121 (app/, ./)'],
  [
    { noun: 'question', nounId: '2', type: 'ask', data: { session: 'api', question: 'Drop it?' } },
    'api asks people question #2 of api (Drop it?)',
  ],
  [
    { noun: 'account', nounId: 'session-token:5', type: 'create', data: { name: 'api', node: 'pi-1' } },
    'created the token of session api',
  ],
  [
    { noun: 'notification', nounId: 'channel-1', type: 'channel_add', data: { name: 'phone' }, actor: ada },
    'ada added channel phone',
  ],
  [{ noun: 'queue', nounId: '', type: 'retention', data: {}, actor: ada }, 'ada settled retention'],
])('%j reads "%s"', (event, expected) => {
  expect(sentence(event)).toBe(expected)
})
