import { counted } from '../../core/counted.ts'

/** What a person in front of a simulation sees of its nodes; `line` shows one line. */
export interface ProgressOptions {
  nodes: number
  line(text: string): void
  /** Called once, with the first moment at which all of them are connected. */
  onAllThere(): void
}

/** Who of a simulation's nodes is connected: a number, and why others are not, said when that has changed. */
export class Progress {
  readonly #options: ProgressOptions
  readonly #connected = new Set<string>()
  #reason = ''
  #said = ''
  #wereAllThere = false

  constructor(options: ProgressOptions) {
    this.#options = options
  }

  up(name: string): void {
    this.#connected.add(name)
    if (this.#connected.size < this.#options.nodes) return
    this.#reason = ''
    if (this.#wereAllThere) return
    this.#wereAllThere = true
    this.#said = ''
    this.#options.onAllThere()
  }

  down(name: string, reason: string): void {
    this.#connected.delete(name)
    this.#reason = reason
  }

  /** Said from time to time: nothing when it would be the same again, or when all have been there all along. */
  say(): void {
    const line = this.#line()
    if (line !== this.#said && line !== '') this.#options.line(line)
    this.#said = line
  }

  #line(): string {
    const { nodes } = this.#options
    const { size } = this.#connected
    if (size === nodes) return this.#said === '' ? '' : allOf(nodes)
    const joined = `${size} of ${counted(nodes, 'simulated node is', 'simulated nodes are')} connected`
    return this.#reason === '' ? `${joined}.` : `${joined}: ${this.#reason}`
  }
}

function allOf(nodes: number): string {
  return nodes === 1
    ? 'The simulated node is connected again.'
    : `${nodes === 1 ? 'The simulated node is' : `All ${nodes} simulated nodes are`} connected again.`
}
