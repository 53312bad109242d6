import { readConfig } from '../config.ts'
import { beginProcess } from '../process.ts'
import { openRecords } from '../records.ts'

/*
 * A program of ours that breaks, and says a value of the vault with it: in its work, with everything given back, or
 * where nobody waits for it.
 */

beginProcess()
const [, , how, value] = process.argv
const broken = new Error(`it broke over ${value}`)
await using _records = await openRecords(readConfig(process.env))
if (how === 'late') setImmediate(() => void Promise.reject(broken))
else throw broken
