import type { LoggedEvent, Noun } from '../core/event.ts'
import { pathOfKey } from './session-path.ts'

/** One event as a sentence: who did what, on what, and where that is. */
export interface ActivityWords {
  did: string
  /** What it was done on, for people. */
  on: string
  href: string | null
  detail: string
  /** The session that did it by what it is, where nobody is noted as the one who did it. */
  by: string | null
}

type Data = Record<string, unknown>

export function activityWords({ noun, nounId, type, data, actor }: LoggedEvent): ActivityWords {
  return {
    did: didWords(noun, type, data),
    on: nameOf(noun, nounId, type, data),
    href: addressOf(noun, nounId, data),
    detail: detailOf(noun, type, data),
    by: actor === null ? sessionOf(noun, type, data) : null,
  }
}

/** What an event's answer to a request comes to: `approved`, `denied`, or `answered` in words. */
export function verdictOf(answer: unknown): string {
  const meaning = text((answer as Data | undefined)?.['meaning'])
  return meaning === 'deny' ? 'denied' : meaning.startsWith('allow') ? 'approved' : 'answered'
}

const doneOn: Partial<Record<Noun, Record<string, string>>> = {
  prompt: {
    submit: 'queued',
    assign: 'gave out',
    start: 'started',
    release: 'gave back',
    finish: 'completed',
    fail: 'failed',
    accept: 'accepted',
    send_back: 'sent back',
    hand_over: 'lets wait for its parts',
    digest: 'told what came of its parts:',
    report: 'tells how far it is with',
    doubt: 'doubts the delivery of',
    suspend: 'suspended',
    recall: 'queued again',
    retry: 'queued again',
    reassign: 'gave to another target:',
    interrupt_requested: 'asked to interrupt',
    waiting: 'passed over',
    due: 'made due',
    edit: 'edited',
    approve: 'approved',
    reject: 'rejected',
    cancel: 'cancelled',
    expire: 'let expire',
    interrupt: 'interrupted',
  },
  attempt: {
    typed: 'typed the text in the',
    entered: 'pressed Enter in the',
    submitted: 'proved the arrival in the',
    unknown: 'does not know the end of the',
    not_submitted: 'could not submit the',
    take_over: 'took over the',
    completed: 'saw the end of the',
    failed: 'saw the failure of the',
    timed_out: 'ran out of time in the',
    interrupted: 'interrupted the',
    agent_gone: 'lost the agent in the',
    released: 'gave back the',
  },
  session: {
    state: 'saw a new state of',
    settings: 'changed the settings of',
    create: 'created',
    kill: 'ended',
    typed: 'typed into',
    keyboard_taken: 'took the keyboard of',
    keyboard_released: 'gave back the keyboard of',
  },
  queue: { controls: 'switched', clear: 'cleared' },
  account: {
    create: 'created',
    delete: 'deleted',
    role: 'gave another role to',
    password: 'changed the password of',
  },
  login: { start: 'logged in', end: 'ended', confirm: 'confirmed' },
  secret: {
    create: 'stored',
    reveal: 'looked at',
    give: 'gave out',
    change: 'changed',
    rollback: 'rolled back',
    delete: 'deleted',
    export: 'exported',
    expires: 'reminds of',
  },
  vault: {
    init: 'made',
    seal: 'sealed',
    unlock: 'unlocked',
    rotate: 'gave another master key to',
    rotated: 'forgot the old master key of',
  },
  lock: {
    take: 'locked',
    release: 'released',
    ready: 'says can be merged:',
    not_understood: 'did not understand lines of',
  },
  interaction: {
    ask: 'asks',
    drawn: 'drew',
    waits: 'left to a person',
    wish: 'wants to answer',
    refuse: 'did not let a session answer',
    confirm: 'got the answer to',
    withdraw: 'took back the answer to',
    doubt: 'does not know whether it got the answer to',
    leave: 'went on without an answer to',
    supersede: 'asked something else instead of',
    end: 'ended with',
  },
  pattern: {
    create: 'drafted',
    edit: 'changed',
    enable: 'enabled',
    disable: 'switched off',
    delete: 'deleted',
  },
  question: {
    ask: 'asks people',
    answer: 'answered',
    dismiss: 'dismissed',
    expire: 'got no answer in time to',
    abandon: 'is gone, and with it',
  },
  node: {
    add: 'added',
    hear: 'hears of',
    lose: 'lost',
    revoke: 'shut out',
    readmit: 'let in again',
    remove: 'forgot',
    change: 'changed the settings of',
    invite: 'invited',
    end_invitation: 'ended',
    add_key: 'gave a key to',
    end_keys: 'ended the keys of',
    rotate_key: 'asked for another key for',
    pressure: 'spares',
  },
  alert: { raise: 'warns of', end: 'no longer warns of' },
  error: {
    new: 'reports a new',
    regress: 'reports again the resolved',
    counted: 'counted more',
    resolve: 'resolved',
    ignore: 'ignores',
    reopen: 'reopened',
    send: 'sent to be fixed:',
  },
  service_account: {
    create: 'wrote down the account',
    edit: 'changed the account',
    delete: 'forgot the account',
  },
  ssh_key: { create: 'made', rotate: 'replaced' },
  project: {
    create: 'created',
    edit: 'edited',
    pause: 'paused',
    resume: 'made active again:',
    archive: 'archived',
    write_file: 'wrote a file of',
  },
  plan: { scan: 'scans', make: 'planned', fail: 'could not plan' },
  suggestion: { confirm: 'took up', skip: 'skipped', complete: 'completed' },
  suite: { run: 'ran' },
  milestone: {
    create: 'created',
    edit: 'edited',
    complete: 'completed',
    reopen: 'reopened',
    archive: 'archived',
  },
  work: {
    create: 'wrote down',
    edit: 'edited',
    queue: 'has a session do',
    start: 'started',
    review: 'wants looked at',
    finish: 'finished',
    return: 'gave back',
    close: 'closed undone',
    reopen: 'reopened',
    link: 'linked something with',
    unlink: 'took a link from',
    comment: 'commented on',
  },
  task: {
    submit: 'queued',
    claim: 'began',
    finish: 'completed',
    back_off: 'could not do, and tries again:',
    release: 'gave back',
    fail: 'failed',
    cancel: 'cancelled',
    cancel_requested: 'asked to cancel',
    stop: 'stopped',
    retry: 'sent again',
    due: 'made due',
    pause: 'paused',
    resume: 'resumed',
  },
  worker: { start: 'started', stop: 'stopped', die: 'lost' },
  schedule: {
    create: 'made',
    change: 'changed',
    run: 'ran',
    skip: 'left out a turn of',
    pause: 'paused',
    resume: 'resumed',
    delete: 'deleted',
  },
  notification: {
    channel_add: 'added',
    channel_change: 'changed',
    channel_remove: 'removed',
    show: 'showed in open tabs',
  },
}

function didWords(noun: Noun, type: string, data: Data): string {
  if (noun === 'node' && type === 'pressure' && data['pressure'] === null) return 'spares no longer'
  if (noun === 'interaction' && type === 'decide') return verdictOf(data['answer'])
  if (noun === 'queue' && type !== 'controls' && type !== 'clear') return 'settled'
  return doneOn[noun]?.[type] ?? type.replaceAll('_', ' ')
}

function nameOf(noun: Noun, nounId: string, type: string, data: Data): string {
  const name = text(data['name'])
  const session = text(data['session'])
  if (noun === 'prompt') return `prompt #${nounId}`
  if (noun === 'attempt') return `attempt of #${Number(data['promptId'])}`
  if (noun === 'session') return `session ${name || nounId}`
  if (noun === 'queue')
    return type === 'controls' || type === 'clear' ? 'the queue' : type.replaceAll('_', ' ')
  if (noun === 'interaction')
    return [`request #${nounId}`, session && `of ${session}`].filter(Boolean).join(' ')
  if (noun === 'question')
    return [`question #${nounId}`, session && `of ${session}`].filter(Boolean).join(' ')
  if (noun === 'pattern') return `rule ${(name || nounId).replaceAll('`', '')}`
  if (noun === 'lock') return lockName(data) || name || `lock ${nounId}`
  if (noun === 'alert') return `node ${text(data['node'])}`
  if (noun === 'node' && nounId === '')
    return name ? `node ${name}` : type === 'invite' ? 'a machine' : 'an invitation'
  if (noun === 'error') return nounId === '' ? 'errors' : `error #${nounId}`
  if (noun === 'project' || noun === 'milestone') return `${noun} ${name || nounId}`
  if (noun === 'work') return [text(data['key']) || nounId, text(data['title'])].join(' ')
  if (noun === 'notification') return name ? `channel ${name}` : text(data['title']) || 'a message'
  if (noun === 'vault') return 'the vault'
  if (noun === 'task')
    return nounId === '' ? ['tasks', text(data['of'])].filter(Boolean).join(' ') : `task #${nounId}`
  if (noun === 'service_account') return name
  if (noun === 'ssh_key') return 'the SSH key'
  if (nounId.startsWith('session-token:')) return `the token of session ${name}`
  if (nounId.startsWith('token:')) return `API token ${name}`.trim()
  if (noun === 'login') return type === 'start' ? '' : 'a login'
  return [noun, name || nounId].filter(Boolean).join(' ')
}

/** What a session holds: its branch, or else its first paths. */
function lockName(data: Data): string {
  return text(data['branch']) || pathsOf(data).slice(0, 3).join(', ')
}

function addressOf(noun: Noun, nounId: string, data: Data): string | null {
  if (noun === 'prompt') return `/prompts/${nounId}`
  if (noun === 'attempt' && data['promptId'] !== undefined) return `/prompts/${Number(data['promptId'])}`
  if (noun === 'session' && nounId.includes('/%')) return pathOfKey(nounId)
  if (noun === 'interaction') return `/interactions/${nounId}`
  if (noun === 'pattern') return `/patterns/${nounId}`
  if (noun === 'question') return `/questions/${nounId}`
  if (noun === 'vault' || noun === 'secret') return '/vault'
  if (noun === 'task') return nounId === '' ? '/tasks' : `/tasks/${nounId}`
  if (noun === 'worker') return '/workers'
  if (noun === 'schedule') return '/schedules'
  if (noun === 'service_account') return '/vault/accounts'
  if (noun === 'ssh_key') return '/vault/ssh-key'
  if (noun === 'node') return /^\d+$/.test(nounId) ? `/nodes/${nounId}` : '/nodes'
  if (noun === 'alert') return `/nodes/${encodeURIComponent(text(data['node']))}`
  if (noun === 'error') return nounId === '' ? '/errors' : `/errors/${nounId}`
  if (noun === 'project') return `/projects/${nounId}`
  if (noun === 'milestone') return `/projects/${Number(data['projectId'])}`
  if (noun === 'work') return `/work/${nounId}`
  return noun === 'lock' ? '/locks' : null
}

function detailOf(noun: Noun, type: string, data: Data): string {
  if (type === 'controls') return data['draining'] ? 'draining' : data['paused'] ? 'paused' : 'open'
  if (type === 'state') {
    return [text(data['from']), text(data['state'])].filter(Boolean).join(' → ').replaceAll('_', ' ')
  }
  if (noun === 'prompt' && type === 'submit') return originOf(data)
  if (noun === 'alert') return text(data['says'])
  if ('link' in data) return linkWords(data['link'] as Data)
  if ('changes' in data) return [changesOf(data), text(data['note'])].filter(Boolean).join('; ')
  if (noun === 'node' && type === 'pressure') return text(data['pressure'])
  if (noun === 'lock' && type === 'take')
    return [pathsOf(data).join(', '), text(data['warning'])].filter(Boolean).join('; ')
  return (
    [
      'reason',
      'comment',
      'text',
      'answer',
      'question',
      'input',
      'because',
      'message',
      'note',
      'attention',
      'beginning',
      'detail',
    ]
      .map((key) => text(data[key]))
      .find(Boolean) ?? text(data['sessionName'])
  )
}

function linkWords(link: Data): string {
  const relation = text(link['relation'])
  return `${text(link['kind'])} ${text(link['ref'])}${relation === 'relates' ? '' : ` (${relation})`}`
}

/** Which fields got which values; long ones are only named. */
function changesOf(data: Data): string {
  const changes = (data['changes'] ?? {}) as Record<string, readonly unknown[]>
  return Object.entries(changes)
    .map(([field, values]) => changeWords(field, values))
    .join(', ')
}

/** A value in a line of its own is for the page of the thing. */
const shortChars = 40

function changeWords(field: string, [from, to]: readonly unknown[]): string {
  const name = field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  const [before, after] = [from, to].map(valueWords)
  if (before === undefined || after === undefined) return name
  return `${name}: ${before} → ${after}`
}

function valueWords(value: unknown): string | undefined {
  if (value === null || value === '') return 'none'
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const words = String(value).replaceAll('_', ' ')
  return words.length > shortChars ? undefined : words
}

/** Of work that was delegated: by whom, and what it is a part of. */
function originOf(data: Data): string {
  const from = text(data['from']).split('/').at(-1)
  const parent = data['parent'] === undefined ? '' : `part of #${Number(data['parent'])}`
  return [parent, from && `from ${from}`].filter(Boolean).join(', ')
}

function sessionOf(noun: Noun, type: string, data: Data): string | null {
  if (noun === 'prompt' && type === 'report') return text(data['name']) || null
  if (noun === 'prompt' && type === 'submit') return text(data['from']).split('/').at(-1) || null
  if (noun === 'interaction' && (type === 'waits' || type === 'refuse')) return null
  const speaks = noun === 'lock' || noun === 'interaction' || noun === 'question'
  return speaks ? text(data['session']) || null : null
}

function pathsOf(data: Data): string[] {
  const paths = data['paths']
  return Array.isArray(paths) ? paths.map((path) => text(path) || './') : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
