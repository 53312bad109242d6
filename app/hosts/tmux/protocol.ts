/** The output of one command: the lines between its `%begin` and its `%end` or `%error`. */
export interface Block {
  ok: boolean
  lines: string[]
}

export interface ProtocolListener {
  onBlock(block: Block): void
  /** A line outside of every block: `%sessions-changed` with its arguments. */
  onNotice(name: string, rest: string): void
  /** The least number of lines of the block that is being read; an end before that is the block's own text. */
  leastRows(): number
}

/**
 * Takes the output of a tmux control client apart. A block ends only where the three numbers of its `%begin`
 * return, and not before it has the rows that its command must print: a captured screen may show anything,
 * lines of this protocol included.
 */
export class ProtocolReader {
  private rest: Buffer = Buffer.alloc(0)
  private block: { id: string; lines: string[] } | null = null
  private readonly listener: ProtocolListener

  constructor(listener: ProtocolListener) {
    this.listener = listener
  }

  push(chunk: Buffer): void {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    let from = 0
    for (let to = data.indexOf(newline, from); to >= 0; to = data.indexOf(newline, from)) {
      this.readLine(data.toString('utf8', from, to))
      from = to + 1
    }
    this.rest = data.subarray(from)
  }

  private readLine(line: string) {
    if (this.block === null) return this.readOutside(line)
    const ending = endOf(line, this.block.id)
    if (ending === null || this.block.lines.length < this.listener.leastRows()) {
      this.block.lines.push(line)
      return
    }
    const { lines } = this.block
    this.block = null
    this.listener.onBlock({ ok: ending === 'end', lines })
  }

  private readOutside(line: string) {
    const begin = /^%begin (\d+ \d+ \d+)$/.exec(line)
    if (begin) {
      this.block = { id: begin[1]!, lines: [] }
      return
    }
    const notice = /^%([a-z-]+) ?(.*)$/.exec(line)
    if (notice) this.listener.onNotice(notice[1]!, notice[2]!)
  }
}

const newline = 0x0a

function endOf(line: string, id: string): 'end' | 'error' | null {
  if (line === `%end ${id}`) return 'end'
  return line === `%error ${id}` ? 'error' : null
}
