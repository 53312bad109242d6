import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { markVariable } from './processes.ts'

/**
 * Ends a worker's programs when the worker itself is killed: a small shell beside it, which reads the groups that run
 * from a pipe. When the pipe ends without a word, it kills them, and then whatever has the worker's mark in its
 * environment, in whatever group; but not tmux servers and what runs in their panes.
 */
export interface Guard extends AsyncDisposable {
  watch(group: number): void
  forget(group: number): void
}

export function startGuard(worker: string): Guard {
  const child = spawn('sh', ['-c', script, 'architect-task-guard', `${markVariable}=${worker}:`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  })
  // Its pipe breaks when somebody killed it: the worker goes on, and its next start finds what is left.
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  child.unref()
  return {
    watch: (group) => void child.stdin.write(`+ ${group}\n`),
    forget: (group) => void child.stdin.write(`- ${group}\n`),
    async [Symbol.asyncDispose]() {
      await dismiss(child)
    },
  }
}

async function dismiss(child: ChildProcess & { stdin: NodeJS.WritableStream }) {
  if (child.exitCode !== null || child.signalCode !== null) return
  // Nothing else may be left that keeps this process until then.
  child.ref()
  const gone = once(child, 'exit')
  child.stdin.end('done\n')
  await gone
}

/** `$1` is the mark. A process that is marked may start another one while it is looked: so it looks again. */
const script = `
groups=' '
while read -r word group; do
  case $word in
    +) groups="$groups$group " ;;
    -) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
    done) exit 0 ;;
  esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
for turn in 1 2 3; do
  for folder in /proc/[0-9]*; do
    grep -zqs "^$1" "$folder/environ" || continue
    grep -zqs '^TMUX=' "$folder/environ" && continue
    read -r name 2>/dev/null <"$folder/comm" || continue
    case $name in tmux*) continue ;; esac
    kill -KILL "\${folder#/proc/}" 2>/dev/null
  done
done
`
