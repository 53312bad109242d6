import type { EpochMs } from './clock.ts'

/** A file inside a project's folder, as it was read. */
export interface ProjectFile {
  /** From the project's folder on, with `/`. */
  path: string
  content: string
  /** base64 where the bytes are no UTF-8 text. */
  encoding: 'utf-8' | 'base64'
  sizeBytes: number
  /** Of the content; whoever writes names the one that they read. */
  version: string
  modifiedAt: EpochMs
}

export const fileLimits = {
  bytes: 1_048_576,
  pathChars: 4_096,
  /** One name of a path. */
  nameBytes: 255,
} as const
