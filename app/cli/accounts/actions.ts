import { serviceAccountGlyph, type ServiceAccount } from '../../core/service-account.ts'
import { toJson } from '../../json.ts'
import { openOutput, type Output } from '../output/output.ts'
import { withSide } from '../with.ts'
import type { AccountOptions } from './command.ts'
import { accountDesks } from './desk.ts'

const mostListed = 200

export async function listAccounts(options: AccountOptions): Promise<void> {
  const output = openOutput(options)
  const { service, node, status, search: q, limit = mostListed } = options
  const filter = {
    limit,
    ...(service !== undefined && { service }),
    ...(node !== undefined && { node }),
    ...(status && { status }),
    ...(q !== undefined && { q }),
  }
  await withSide(accountDesks, async (desk) => {
    const items = await desk.list(filter)
    if (output.json) return output.document({ items: toJson(items), next_cursor: null })
    if (items.length === 0) return output.line('None.')
    output.table(items, [
      { title: 'ID', align: 'right', value: ({ id }) => String(id) },
      { title: 'SERVICE', value: ({ service: name }) => name },
      { title: 'LOGIN', value: ({ loginName }) => loginName },
      { title: 'STATUS', value: statusWords },
      { title: 'NODE', value: nodeWords },
      { title: 'SECRET', value: ({ secretName }) => secretName ?? '' },
      { title: 'DESCRIPTION', flexible: true, value: ({ description }) => description },
    ])
  })
}

export async function showAccount(id: number, options: AccountOptions): Promise<void> {
  await withSide(accountDesks, async (desk) => {
    const account = await desk.get(id)
    const output = openOutput(options)
    if (output.json) return output.document(toJson(account))
    const secret = account.secretName === null ? 'no secret' : `secret ${account.secretName}`
    output.line(`${account.loginName} at ${account.service}`)
    output.line([statusWords(account), nodeWords(account), secret].join(' · '))
    if (account.description !== '') output.line(`\n${account.description}`)
  })
}

export async function addAccount(service: string, login: string, options: AccountOptions): Promise<void> {
  const { node = '', status = 'active', description = '', secret } = options
  const words = { service, loginName: login, node, status, description, secret: secret || null }
  await withSide(accountDesks, async (desk) =>
    say(openOutput(options), await desk.add(words), 'written down'),
  )
}

export async function setAccount(id: number, options: AccountOptions): Promise<void> {
  const { service, login: loginName, node, status, description, secret } = options
  const changes = {
    ...(service !== undefined && { service }),
    ...(loginName !== undefined && { loginName }),
    ...(node !== undefined && { node }),
    ...(status && { status }),
    ...(description !== undefined && { description }),
    ...(secret !== undefined && { secret: secret || null }),
  }
  await withSide(accountDesks, async (desk) => {
    const account = await desk.set(id, changes)
    say(openOutput(options), account, account.status)
  })
}

export async function removeAccount(id: number, options: AccountOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(accountDesks, async (desk) => {
    await desk.remove(id)
    if (output.json) output.document({ success: true })
    else output.line(`Account ${id} is forgotten.`)
  })
}

function say(output: Output, account: ServiceAccount, is: string) {
  if (output.json) return output.document(toJson(account))
  output.line(`Account ${account.id}, ${account.loginName} at ${account.service}, is ${is}.`)
}

const statusWords = ({ status }: ServiceAccount) => `${serviceAccountGlyph[status]} ${status}`
const nodeWords = ({ node }: ServiceAccount) => (node === '' ? 'all nodes' : node)
