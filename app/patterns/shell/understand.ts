import { resolve } from 'node:path/posix'
import {
  type Command,
  forEachChild,
  parse,
  type Pipeline,
  type Redirection,
  type SyntaxNode,
  type Word,
} from 'unbash'
import { doubtfulCharacters } from './characters.ts'
import { doubtsOfComments } from './comments.ts'
import { isUncertain, plainShapes, shapeNames, wordShapes } from './shapes.ts'
import type { ShellWord, SimpleCommand } from './simple-command.ts'
import { programNameOf } from './simple-command.ts'
import { readWord } from './word.ts'

/** Every program that a shell text can run. With a single doubt there may be others, or other arguments. */
export interface ShellText {
  commands: SimpleCommand[]
  /** Sentences without a full stop: why it is not certain what the text does. */
  doubts: string[]
}

/** So many texts inside of texts are followed. */
const maxDepth = 8
const maxFolders = 8

/** What a shell would run, given this text in one of these folders. Never throws. */
export function understandShell(text: string, folders: string[], depth = 0): ShellText {
  const walk = new Walk(text, folders, depth)
  walk.read()
  return { commands: walk.commands, doubts: [...new Set(walk.doubts)] }
}

class Walk {
  readonly commands: SimpleCommand[] = []
  readonly doubts: string[] = []
  private readonly text: string
  private readonly depth: number
  private folders: string[]

  constructor(text: string, folders: string[], depth: number) {
    this.text = text
    this.folders = folders
    this.depth = depth
  }

  read(): void {
    const doubtful = doubtfulCharacters(this.text)
    if (doubtful !== null) this.doubts.push(doubtful)
    if (this.depth > maxDepth) return void this.doubts.push('it is nested too deeply')
    if (/(^|[^\\])(\\\\)*\\$/.test(this.text)) this.doubts.push('it ends with a backslash')
    try {
      const script = parse(this.text)
      if (script.shebang !== undefined) this.doubts.push('it begins with #!')
      this.doubts.push(...doubtsOfComments(this.text, script))
      this.visit(script, [])
    } catch {
      this.doubts.push('it could not be parsed')
    }
  }

  private visit(node: SyntaxNode, fedBy: string[]): void {
    if (node.type === 'Script' && node.errors !== undefined && node.errors.length > 0) {
      this.doubts.push(`it is not a complete shell text (${node.errors[0]?.message ?? 'error'})`)
    }
    if (node.type === 'Command') return this.visitCommand(node, fedBy)
    if (node.type === 'Pipeline') return this.visitPipeline(node, fedBy)
    if (node.type === 'Redirected') this.addRedirections(node.redirects)
    if (!plainShapes.has(node.type)) this.doubtShape(node)
    if (node.type === 'CommandExpansion' && !node.text.startsWith('$('))
      this.doubts.push('it contains backticks')
    forEachChild(node, (child) => this.visit(child, fedBy))
  }

  private visitPipeline(node: Pipeline, fedBy: string[]): void {
    let before = fedBy
    for (const stage of node.commands) {
      const from = this.commands.length
      this.visit(stage, before)
      before = [...before, ...this.commands.slice(from).map(programNameOf)]
    }
  }

  private visitCommand(node: Command, fedBy: string[]): void {
    const inner = this.commands.length
    for (const part of [...node.prefix, ...node.suffix, ...(node.name ? [node.name] : [])])
      this.visitInside(part)
    const substituted = this.commands.slice(inner).map(programNameOf)
    const words = [node.name, ...node.args]
      .filter((word) => word !== undefined)
      .map((word) => this.wordOf(word))
    const command: SimpleCommand = {
      words,
      assignments: this.assignmentsOf(node),
      writes: [],
      reads: [],
      folders: this.folders,
      fedBy: [...fedBy, ...substituted],
      hasInput: fedBy.length > 0,
      inferred: false,
    }
    this.addFiles(command, node.redirects)
    if (continuesAfterBoth(node)) this.doubts.push('some shells begin another command after &>')
    this.checkProgram(words[0])
    this.commands.push(command)
    this.follow(command)
  }

  /** Looks for substitutions in words, assignments and here-documents. */
  private visitInside(node: SyntaxNode): void {
    if (node.type === 'Script') return this.visit(node, [])
    if (node.type === 'CommandExpansion' && !node.text.startsWith('$('))
      this.doubts.push('it contains backticks')
    if (isUncertain(node))
      this.doubts.push(`${shortened(this.text.slice(node.pos, node.end))} is only known when it runs`)
    forEachChild(node, (child) => this.visitInside(child))
  }

  private wordOf(node: Word | { type: 'Assignment'; pos: number; end: number; text: string }): ShellWord {
    if (node.type === 'Assignment') {
      const plain = /^[\w.-]+=[\w./:@,+-]*$/.test(node.text)
      if (!plain) this.doubts.push(`${shortened(node.text)} assigns something`)
      return { text: node.text, value: plain ? node.text : null, glob: false, home: false }
    }
    const { word, doubts } = readWord(node, this.text)
    this.doubts.push(...doubts)
    return word
  }

  private assignmentsOf(node: Command): SimpleCommand['assignments'] {
    return node.prefix
      .filter((part) => part.type === 'Assignment')
      .map((part) => {
        const isPlain = part.value.type === 'Word' && part.index === undefined && part.append !== true
        if (!isPlain) this.doubts.push(`${shortened(part.text)} assigns something`)
        return { name: part.name, value: part.value.type === 'Word' ? this.wordOf(part.value).value : null }
      })
  }

  private checkProgram(word: ShellWord | undefined): void {
    if (word === undefined) return
    const plain =
      word.text === word.value && /^[A-Za-z0-9._/+:[-]+$/.test(word.text) && !word.text.startsWith('-')
    if (!plain) this.doubts.push(`the program ${shortened(word.text)} is not written plainly`)
  }

  private addRedirections(redirects: readonly Redirection[]): void {
    const command: SimpleCommand = {
      words: [],
      assignments: [],
      writes: [],
      reads: [],
      folders: this.folders,
      fedBy: [],
      hasInput: false,
      inferred: false,
    }
    this.addFiles(command, redirects)
    this.commands.push(command)
  }

  private addFiles(command: SimpleCommand, redirects: readonly Redirection[]): void {
    for (const redirect of redirects) {
      if (redirect.type !== 'Redirect') {
        command.hasInput = true
        if (redirect.type === 'HereDoc' && redirect.closing === undefined)
          this.doubts.push('a here-document has no end')
        continue
      }
      if (redirect.descriptor?.type === 'FileDescriptorVariable')
        this.doubts.push('a redirection changes a variable')
      if (redirect.target === undefined) return void this.doubts.push('a redirection has no target')
      const target = this.wordOf(redirect.target)
      const duplicates = redirect.operator.endsWith('&') && /^(\d|-|\d-)$/.test(target.value ?? '')
      // bash expands what is no number a second time, so that `>&'$(rm x)'` runs what stands in the quotes; and it
      // ends the redirection behind `>&-`, whatever follows.
      if (redirect.operator.endsWith('&') && !/^(?:-|[\w./][\w./-]*)$/.test(target.text))
        this.doubts.push(`some shells read ${shortened(target.text)} behind ${redirect.operator} differently`)
      if (duplicates || /^\/dev\/(null|stdout|stderr)$/.test(target.value ?? '')) continue
      if (redirect.operator === '<') command.hasInput = true
      const files = redirect.operator === '<' ? command.reads : command.writes
      files.push(target)
    }
  }

  /** A `cd` adds a folder; where it doesn't happen, the earlier ones still hold, so all of them count from here. */
  private follow(command: SimpleCommand): void {
    if (command.words[0]?.value !== 'cd') return
    const target = command.words[1]
    const isPlain = command.words.length === 2 && !target?.glob && /^[^-+]/.test(target?.value ?? '')
    if (!isPlain || target?.value == null || target.home)
      return void this.doubts.push('it changes to a folder that is not written plainly')
    const reached = this.folders.map((folder) => resolve(folder, target.value ?? ''))
    this.folders = [...new Set([...this.folders, ...reached])]
    if (this.folders.length > maxFolders) this.doubts.push('it changes the folder too often')
  }

  private doubtShape(node: SyntaxNode): void {
    const first = this.text.slice(node.pos, node.end).split(/\s/)[0] ?? ''
    if (wordShapes.has(node.type)) return
    this.doubts.push(`it contains ${shapeNames[node.type] ?? `"${shortened(first)}"`}`)
  }
}

/** `ls &> log rm x` is one command for bash; for dash it is `ls &`, and then `> log rm x`. */
function continuesAfterBoth({ redirects, args, name }: Command): boolean {
  const both = redirects.filter(
    (redirect) => redirect.type === 'Redirect' && redirect.operator.startsWith('&>'),
  )
  return both.some(({ pos }) =>
    [name, ...args, ...redirects].some((part) => part !== undefined && part.pos > pos),
  )
}

const shortened = (text: string) => (text.length > 40 ? `${text.slice(0, 39)}…` : text)
