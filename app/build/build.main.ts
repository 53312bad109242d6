import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../core/paths.ts'
import { buildNodeAgent, buildPrograms } from './programs.ts'

const { values } = parseArgs({ options: { outdir: { type: 'string', default: 'dist' } } })
const folder = resolve(packageRoot, values.outdir)

await Promise.all([buildPrograms(folder), buildNodeAgent(folder)])
