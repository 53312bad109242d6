import { join } from 'node:path'
import { packageRoot } from '../../core/paths.ts'
import { parseWanted } from '../../vault/give.ts'

/**
 * A command that gets secrets of the vault into its environment, by names. A shell in the pane asks for them and
 * then becomes the program, so that values stand in no command line and not in the environment that tmux keeps of a
 * session, and nothing stays between tmux and the agent. Throws `invalid` for what can't be a variable.
 */
export function wrapWithSecrets(
  command: readonly string[],
  secrets: readonly string[],
  { dataDir, program = join(packageRoot, 'deploy.sh') }: { dataDir: string; program?: string },
): string[] {
  if (secrets.length === 0) return [...command]
  for (const secret of secrets) parseWanted(secret)
  return ['sh', '-c', askThenBecome, program, dataDir, secrets.join('\n'), ...command]
}

/** `$0` is our program, `$1` the data folder, `$2` one name a line, and behind them stands the command. */
const askThenBecome = `given=$(
  IFS='
'
  set -f
  ARCHITECT_DATA=$1 exec "$0" vault env $2
) || exit 1
shift 2
eval "$given"
unset given
exec "$@"`
