import type { DecisionContext } from '../context.ts'
import { isBelow, isInside, likelyPath, pathsOfWord } from '../paths.ts'
import { isOwnData } from '../own-data.ts'
import { findProtected, guardedPaths, secretPaths } from '../protected-paths.ts'
import { argumentsOf, programNameOf, type SimpleCommand } from '../shell/simple-command.ts'
import { hasOption } from './options.ts'
import type { ShippedRule } from './rule.ts'

/** Programs that only look: naming a guarded file to them changes nothing. */
const readers = new Set(
  'ls cat head tail wc stat file grep egrep fgrep rg diff cmp du less more tree git cd test [ echo printf pwd find fd bat nl sort uniq cut basename dirname realpath readlink jq'.split(
    ' ',
  ),
)

export const ownDataReason = "touches Architect's own data: rules, hooks, passwords, what sessions have said"

/** Texts for people, not paths. */
const talkers = new Set(['echo', 'printf', 'true', ':', 'false'])

export const fileRules: ShippedRule[] = [
  {
    name: 'secrets',
    effect: 'deny',
    reason: 'touches credentials: keys, tokens, logins or an .env file',
    matches: (command) => findProtected(touched(command), secretPaths) !== null,
  },
  {
    name: 'architect-data',
    effect: 'deny',
    reason: ownDataReason,
    matches: (command, context) => touched(command).some((path) => isOwnData(path, context)),
  },
  {
    name: 'settings-and-hooks',
    effect: 'deny',
    reason: "changes an agent's settings, git's own files, or what shells run when they start",
    matches: (command, context) => changesGuarded(command, context),
  },
  {
    name: 'recursive-delete',
    effect: 'deny',
    reason: "deletes recursively outside of the project, or the project's root",
    matches: (command, context) => deletesTooMuch(command, context),
  },
  {
    name: 'delete-outside',
    effect: 'ask',
    reason: 'deletes or overwrites files that are not surely inside the project',
    matches: (command, context) =>
      [
        'rm',
        'rmdir',
        'unlink',
        'shred',
        'truncate',
        'mv',
        'cp',
        'ln',
        'install',
        'rsync',
        'chmod',
        'touch',
        'mkdir',
        'tee',
      ].includes(programNameOf(command)) &&
      (command.words.some(({ value }) => value === null) ||
        paths(command).some((path) => !isInside(path, context))),
  },
  {
    name: 'open-permissions',
    effect: 'deny',
    reason: 'opens files to everybody or makes them run as another user',
    matches: (command) =>
      programNameOf(command) === 'chmod' &&
      argumentsOf(command).some(
        (arg) =>
          arg !== null &&
          /^0?[0-7]?[0-7][0-7][2367]$|^[2467][0-7]{3}$|^([ugo]*[ao][ugo]*|)\+[rx]*w|[+=][rwx]*s/.test(arg),
      ),
  },
  {
    name: 'change-owner',
    effect: 'ask',
    reason: 'changes who owns files or who may use them',
    matches: (command) => ['chown', 'chgrp', 'chattr', 'setfacl', 'setcap'].includes(programNameOf(command)),
  },
]

function paths(command: SimpleCommand): string[] {
  return command.words.slice(1).flatMap((word) => pathsOfWord(word, command.folders))
}

function touched(command: SimpleCommand): string[] {
  const words = talkers.has(programNameOf(command)) ? [] : command.words.slice(1)
  return [...words, ...command.reads, ...command.writes].flatMap((word) => pathsOfWord(word, command.folders))
}

function changesGuarded(command: SimpleCommand, context: DecisionContext): boolean {
  const written = command.writes.flatMap((word) => pathsOfWord(word, command.folders))
  const named = readers.has(programNameOf(command)) ? [] : paths(command)
  return guardedPaths.some((kind) => {
    const candidates = kind.name === 'system-files' ? written : [...written, ...named]
    const counted = candidates.filter((path) => kind.name !== 'system-files' || !isInside(path, context))
    return findProtected(counted, [kind]) !== null
  })
}

function deletesTooMuch(command: SimpleCommand, context: DecisionContext): boolean {
  const program = programNameOf(command)
  const args = argumentsOf(command)
  const recursive =
    (program === 'rm' && hasOption(args, '-r', '-R', '--recursive')) ||
    (program === 'find' && args.some((arg) => arg === '-delete')) ||
    program === 'shred' ||
    program === 'wipe' ||
    program === 'srm'
  if (!recursive) return false
  return paths(command)
    .map(likelyPath)
    .some((path) => isTooMuch(path, context))
}

function isTooMuch(path: string, { cwd, projectRoot, ...context }: DecisionContext): boolean {
  const root = projectRoot ?? cwd
  const plain = path.replace(/\/(\.?\*|\{.*)?$/, '') || '/'
  if (plain.startsWith('~')) return true
  return (
    plain === root ||
    isBelow(root, plain) ||
    plain === '/' ||
    !isInside(plain, { ...context, cwd, projectRoot: root })
  )
}
