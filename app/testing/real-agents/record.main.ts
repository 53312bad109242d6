import { parseArgs } from 'node:util'
import { pinnedVersion, record } from './record.ts'
import { realAgentKinds } from './versions.ts'

/*
 * Records screens of a real agent:
 *   tsx app/testing/real-agents/record.main.ts claude --out FILE [--agent-version 2.0.77] [--size 80x24]
 *     [--theme light] [--cache FOLDER] [--only idle-empty,permission-bash]
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    'agent-version': { type: 'string' },
    size: { type: 'string', default: '120x40' },
    theme: { type: 'string', default: 'dark' },
    cache: { type: 'string' },
    only: { type: 'string' },
  },
})
const kind = realAgentKinds.find((each) => each === positionals[0])
const [width = 0, height = 0] = values.size.split('x').map(Number)
if (!kind || !values.out || !width || !height) {
  throw new Error(`usage: record.main.ts ${realAgentKinds.join('|')} --out FILE [--size 120x40] …`)
}
await record({
  kind,
  version: values['agent-version'] ?? pinnedVersion(kind),
  width,
  height,
  theme: values.theme === 'light' ? 'light' : 'dark',
  file: values.out,
  ...(values.cache === undefined ? {} : { cache: values.cache }),
  ...(values.only === undefined ? {} : { only: values.only.split(',') }),
  say: (line) => process.stdout.write(`${line}\n`),
})
