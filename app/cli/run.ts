import { CommanderError } from 'commander'
import { buildProgram } from './program.ts'
import { sayWhatFailed } from './failure.ts'
import { endQuietlyWhenNobodyReads } from './output/pipe.ts'

/** Exit codes of every command. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const

/**
 * Runs one command line and returns its exit code: 0 done, 1 the thing failed or is not possible now, 2 the
 * command line itself is wrong. Whatever failed is one sentence on stderr.
 */
export async function runCli(args: string[]): Promise<number> {
  endQuietlyWhenNobodyReads()
  try {
    const program = await buildProgram(args)
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? exitCodes.ok)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    return sayWhatFailed(error, process.env)
  }
}
