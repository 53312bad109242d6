/** What stands in the files of a project and is still to be done. Lines count from 1. */
export const todoMarkers = ['FIXME', 'XXX', 'HACK', 'TODO'] as const
export type TodoMarker = (typeof todoMarkers)[number]

/** A comment that says what is to be done. */
export interface TodoComment {
  marker: TodoMarker
  /** Relative to the root, with `/`. */
  file: string
  line: number
  /** What follows the marker on its line, cut at `foundLimits.textChars`. */
  text: string
  /** In brackets behind the marker: `TODO(ann)`. */
  owner: string | null
}

/** One point of a list in a Markdown or plan file. */
export interface ListedPoint {
  file: string
  line: number
  text: string
  isDone: boolean
  /** The headings above it, the outermost first. */
  headings: string[]
  /** Whether the file is a plan by its name, and no list among other text. */
  isPlan: boolean
}

/** A place that was not looked into, and why. */
export interface Unread {
  path: string
  reason: string
}

export interface FoundWork {
  comments: TodoComment[]
  points: ListedPoint[]
  /** TODO, plan and roadmap files by name, with or without points in them. */
  planFiles: string[]
  counts: FoundCounts
  unread: Unread[]
}

export interface FoundCounts {
  /** Those that git knows or would take. */
  files: number
  read: number
  bytes: number
  /** Not text. */
  binary: number
  /** Above `foundLimits.fileBytes`. */
  huge: number
  /** Links, pipes, sockets, devices and submodules, which are never followed or opened. */
  special: number
  /** Gone, changed or closed to us when they were to be read. */
  unreadable: number
  /** Comments and points beyond the limits. */
  dropped: number
}

export const foundLimits = {
  fileBytes: 1_048_576,
  files: 1_000_000,
  textChars: 300,
  comments: 10_000,
  points: 10_000,
  perFile: 1_000,
  unread: 100,
} as const
