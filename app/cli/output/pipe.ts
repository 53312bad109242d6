/** `./deploy.sh prompts | head -1`: a reader that has seen enough is no failure. */
export function endQuietlyWhenNobodyReads() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit(0)
    })
  }
}
