/** One word of a command, as the shell hands it to the program. */
export interface ShellWord {
  /** As it was written. */
  text: string
  /** After quotes, escapes and `$(cat <<'EOF' …)`; null when only running it would tell. */
  value: string | null
  /** The shell replaces it by names of files. */
  glob: boolean
  /** It begins with the home folder: `~/x`, `$HOME/x`; `value` then begins with `~`. */
  home: boolean
}

/** A program with its arguments, wherever in the text it stands: in a pipe, a subshell, a substitution. */
export interface SimpleCommand {
  /** The program first; empty for redirections and assignments alone. */
  words: ShellWord[]
  assignments: { name: string; value: string | null }[]
  /** Files that its redirections write or read. */
  writes: ShellWord[]
  reads: ShellWord[]
  /** Absolute folders in which it may run: where the session is, and where every `cd` before it can have led. */
  folders: string[]
  /** Names of the programs whose output it gets, by pipe or by substitution. */
  fedBy: string[]
  /** It reads what it runs or works on from a pipe, a here-document or a file. */
  hasInput: boolean
  /** Only inferred from the arguments of another program (`ssh host rm x`): good for a denial, not for an approval. */
  inferred: boolean
}

const systemFolders = /^\/(usr\/(local\/)?)?s?bin\/|^\/opt\/homebrew\/bin\//

/** The program's name; one from a system folder goes by its last part, any other path stays whole. */
export function programOf(command: SimpleCommand): string {
  const name = command.words[0]?.value ?? ''
  return systemFolders.test(name) ? lastPart(name) : name
}

/** The program's last part wherever it lies: good for denials. */
export function programNameOf(command: SimpleCommand): string {
  return lastPart(command.words[0]?.value ?? '')
}

/** The values after the program; unknown words are `null`. */
export function argumentsOf(command: SimpleCommand): (string | null)[] {
  return command.words.slice(1).map(({ value }) => value)
}

/** For sentences: at most 80 characters of what is run. */
export function shownCommand(command: SimpleCommand): string {
  const text =
    command.words.map(({ text }) => text).join(' ') ||
    command.assignments.map(({ name }) => `${name}=…`).join(' ')
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}

const lastPart = (path: string) => path.slice(path.lastIndexOf('/') + 1)
