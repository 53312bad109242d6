/** In the place of `thread-stream`, by which pino hands a log to another thread. */
export default function ThreadStream() {
  throw new Error('A node agent writes its log itself')
}
