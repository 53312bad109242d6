/**
 * For `.catch()` behind a look at a file: `instead` when there is none, also when a folder above it is missing.
 * Anything else that goes wrong (no right to read, a broken disk) stays a failure.
 */
export function unlessMissing<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return instead
    throw error
  }
}
