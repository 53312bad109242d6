import { Option, type Command } from 'commander'
import { channelKinds, noticeKinds } from '../../core/notification.ts'
import { parseWholeNumber } from '../arguments.ts'
import { addOne, listAll, removeOne, showSent, testOne } from './actions.ts'

const id = (value: string) => parseWholeNumber('The number of a channel', value, 1, Number.MAX_SAFE_INTEGER)

export function addNotifications(program: Command) {
  const notifications = program
    .command('notifications')
    .description('how people are told: browser, webhook, ntfy')
    .addHelpText('after', examples)
  const add = (name: string, about: string) =>
    notifications.command(name).description(about).option('--json', 'answer in JSON')
  add('list', 'the channels').action(listAll)
  add('add', 'a new channel; a secret that is made for a webhook is shown this once')
    .addOption(new Option('--kind <kind>', 'what it is').choices(channelKinds).makeOptionMandatory())
    .requiredOption('--name <name>', 'how you call it')
    .option('--url <address>', 'of the webhook or the ntfy topic')
    .option('--secret <text>', 'of the webhook (whsec_…), or an access token of ntfy')
    .addOption(new Option('--on <kinds...>', 'what it tells (default: all)').choices(noticeKinds))
    .option('--allow-private', 'its address may be of this machine or its networks')
    .action(addOne)
  add('remove', 'a channel, with what waits for it').argument('<id>', 'its number', id).action(removeOne)
  add('test', 'send a test and wait for what comes of it').argument('<id>', 'its number', id).action(testOne)
  add('sent', 'messages: what, when, and what came of it')
    .option('--limit <n>', 'how many (default: 20)', (value) => parseWholeNumber('--limit', value, 1, 200))
    .action(showSent)
}

const examples = `
Examples:
  ./deploy.sh notifications add --kind ntfy --name phone --url https://ntfy.sh/my-topic --on needs_person failed
  ./deploy.sh notifications add --kind webhook --name chat --url https://example.org/hook
  ./deploy.sh notifications test 1
`
