import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'

/*
 * Prompts, answers and screens may hold anything: what is kept of them is for its owner alone. No umask does that,
 * because a tmux server that we start would inherit it, and every agent in it.
 */

/** Makes a folder, with those above it, that others can't enter. One that is there stays as somebody made it. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
}

/**
 * Makes the file when it is missing, and keeps others from it when they could read it. One that is there is not
 * opened: closing it would end every lock that this process holds on it, and SQLite of another process would then
 * take a database in use for one that nobody has open, and remove its log.
 */
export function makePrivateFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
}
