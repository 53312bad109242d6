/*
 * Codex changes files by a patch of its own format, one text for any number of files:
 *
 *   *** Begin Patch
 *   *** Update File: /p/a.ts      also `Add File`, `Delete File`
 *   *** Move to: /p/b.ts
 *   @@
 *   -old
 *   +new
 *   *** End Patch
 *
 * Codex itself reads it kindly: it trims the lines that name files, among others. Here every line is one that is
 * known, or there is a doubt.
 */

export interface PatchPaths {
  /** Every file that may be meant, as it is written there. */
  paths: string[]
  /** These are all files, and each is where its path says; nothing is removed. */
  certain: boolean
}

export function pathsOfPatch(text: string): PatchPaths {
  const [first, ...rest] = text.split('\n')
  const last = rest.pop()
  const paths = rest.flatMap((line) => {
    const path = /^[+-]/.test(line) ? undefined : namesFile.exec(line)?.[1]
    return path === undefined ? [] : [path]
  })
  const isFramed = first === '*** Begin Patch' && last === '*** End Patch'
  return { paths, certain: isFramed && paths.length > 0 && rest.every(isKnown) && paths.every(isPlain) }
}

/** Wherever it stands in its line: people are shown it, although there is a doubt. */
const namesFile = /\*\*\*\s*(?:Add File|Update File|Delete File|Move to)\s*:\s*(.*?)\s*$/u

/** Where Codex expects a file's name it trims the line first, of more signs than are blank here. */
function isKnown(line: string): boolean {
  if (/^\*\*\* (?:Add File|Update File|Move to): \S(?:.*\S)?$/u.test(line)) return true
  if (line === '*** End of File') return true
  return /^(?:[+-]|@@(?: |$)|$)/.test(line) || (line.startsWith(' ') && !line.includes('***'))
}

/**
 * What is relative is so to a folder that the hook does not name: `cd /etc && apply_patch` is told with the
 * folder of the session. What can hide in a path is looked for where all paths are.
 */
function isPlain(path: string): boolean {
  return path.startsWith('/')
}
