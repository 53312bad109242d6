/** A handler's answer to a browser that goes on elsewhere. */
export class Redirect {
  readonly path: string

  /** Throws a fault of ours for anything but a path of this dashboard. */
  constructor(path: string) {
    if (!isLocalPath(path)) throw new Error(`Not a local path: ${JSON.stringify(path)}`)
    this.path = path
  }
}

/**
 * A path on this very host. Browsers take a backslash for a slash, skip tabs and line ends, and read `//host`
 * and `/\host` as another host.
 */
export function isLocalPath(path: string): boolean {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && !path.includes('\\') && path.length <= 2000
}
