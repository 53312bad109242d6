import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../../core/errors.ts'
import type { Look, Pane, StepResult } from '../../core/host.ts'
import { ControlClient, type Block } from './control-client.ts'
import { quote } from './encode.ts'
import { doneWord, guardedLine, refusedWord, searchFormat, setMarker } from './guard.ts'
import { clientFormat, ownSessionPrefix, paneFormat, parsePane, parseTypists } from './panes.ts'
import type { Socket } from './sockets.ts'

/** Longer texts go through a file: 10 times faster at 100 kB (measured), and a line stays short. */
const inlineBytes = 16 * 1024
/** After a failed attempt to attach, the next one comes this much later. */
const attachAgainMs = 250

/** One tmux server: attached when something is asked, attached again when it came back. */
export class TmuxServer {
  readonly socket: Socket
  readonly #tmux: string
  #client: Promise<ControlClient> | null = null
  #failedAt = 0
  #failure: unknown = null

  constructor(tmux: string, socket: Socket) {
    this.#tmux = tmux
    this.socket = socket
  }

  /** All panes but our own. Throws `unavailable` when no server runs. */
  async list(): Promise<Pane[]> {
    const [panes, clients] = await this.#ask([
      `list-panes -a -F ${quote(paneFormat)}`,
      `list-clients -F ${quote(clientFormat)}`,
    ])
    const typists = parseTypists(clients?.lines ?? [])
    const all = (panes?.lines ?? [])
      .map((line) => parsePane(this.socket.label, line))
      .filter((pane) => pane !== null)
    const others = all.filter(({ sessionName }) => !sessionName.startsWith(ownSessionPrefix))
    if (others.length === 0) await this.#leave()
    return linkedOnce(others).map((pane) => ({ ...pane, typedAt: typists.get(pane.paneId) ?? null }))
  }

  /** Each pane with its screen, in one write. Panes that are gone meanwhile are left out. */
  async looks(paneIds: string[], searches: string[]): Promise<Look[]> {
    if (paneIds.length === 0) return []
    const found = searches.map(searchFormat).join('\t')
    const blocks = await this.#ask(
      paneIds.map((id) =>
        [
          `display-message -p -t ${id} ${quote(paneFormat)}`,
          `display-message -p -t ${id} ${quote(`x${found}`)}`,
          `capture-pane -p -e -t ${id}`,
        ].join(' ; '),
      ),
    )
    return this.#readLooks(blocks, searches)
  }

  async history(paneId: string, lines: number): Promise<string> {
    const [block] = await this.#ask([`capture-pane -p -J -S -${lines} -t ${paneId}`])
    if (!block?.ok) throw gone(paneId)
    return block.lines.join('\n')
  }

  async paste(look: Look, text: string, marker: string): Promise<StepResult> {
    const buffer = `architect-${randomBytes(6).toString('hex')}`
    const put = `paste-buffer -p -d -b ${buffer} -t ${look.paneId} ; ${setMarker(look.paneId, marker)}`
    if (Buffer.byteLength(text) <= inlineBytes) {
      return this.#guarded(look, [`set-buffer -b ${buffer} -- ${quote(text)}`, put])
    }
    const file = join(tmpdir(), `${buffer}.txt`)
    await writeFile(file, text, { mode: 0o600, flag: 'wx' })
    try {
      const [loaded] = await this.#ask([`load-buffer -b ${buffer} ${quote(file)}`])
      if (!loaded?.ok)
        throw new AppError(
          'unavailable',
          `tmux can't take the text: ${loaded?.lines.join(' ') ?? 'no answer'}.`,
        )
      const result = await this.#guarded(look, [put])
      if (result === 'refused') await this.#ask([`delete-buffer -b ${buffer}`])
      return result
    } finally {
      await rm(file, { force: true })
    }
  }

  submit(look: Look, marker: string): Promise<StepResult> {
    return this.press(look, ['Enter'], marker)
  }

  press(look: Look, keys: string[], marker: string): Promise<StepResult> {
    const names = keys.map(quote).join(' ')
    return this.#guarded(look, [`send-keys -t ${look.paneId} ${names}`, setMarker(look.paneId, marker)])
  }

  async kill(sessionName: string): Promise<void> {
    const [block] = await this.#ask([`kill-session -t ${quote(`=${sessionName}`)}`])
    if (!block?.ok) throw new AppError('not_found', `There is no tmux session "${sessionName}".`)
  }

  async close(): Promise<void> {
    await this.#leave()
  }

  async #guarded(look: Look, commands: string[]): Promise<StepResult> {
    const blocks = await this.#ask([guardedLine(look, commands)])
    const words = blocks.flatMap(({ lines }) => lines)
    if (words.includes(doneWord)) return 'done'
    if (words.includes(refusedWord)) return 'refused'
    const said = blocks.filter(({ ok }) => !ok).flatMap(({ lines }) => lines)
    if (said.some((line) => line.includes("can't find pane"))) throw gone(look.paneId)
    throw new AppError('unavailable', `tmux refused a command: ${said.join(' ') || 'no answer'}.`)
  }

  /**
   * Three blocks a pane: fields, searches, rows. A pane that is gone leaves one error block. A screen whose
   * rows are not as many as the pane is high was cut by a line that imitates tmux's own; it is left out.
   */
  #readLooks(blocks: Block[], searches: string[]): Look[] {
    const looks: Look[] = []
    for (let at = 0; at < blocks.length; at += 1) {
      const pane = parsePane(this.socket.label, blocks[at]?.lines[0] ?? '')
      const [found, rows] = [blocks[at + 1], blocks[at + 2]]
      if (!pane || !found || !rows) continue
      at += 2
      if (rows.lines.length !== pane.height) continue
      const values = (found.lines[0] ?? 'x').slice(1).split('\t')
      const entries = searches.map((pattern, index) => [pattern, rowOf(values[index])] as const)
      looks.push({ ...pane, at: Date.now(), rows: rows.lines, searches: Object.fromEntries(entries) })
    }
    return looks
  }

  async #ask(lines: string[]): Promise<Block[]> {
    const client = await this.#attached()
    try {
      return await client.ask(lines)
    } catch (error) {
      if (!client.isOpen) this.#client = null
      throw error
    }
  }

  async #attached(): Promise<ControlClient> {
    const open = await this.#client
    if (open?.isOpen) return open
    if (this.#failure !== null && Date.now() - this.#failedAt < attachAgainMs) throw this.#failure
    this.#client = ControlClient.attach(this.#tmux, this.socket)
    try {
      return await this.#client
    } catch (error) {
      this.#client = null
      this.#failure = error
      this.#failedAt = Date.now()
      throw error
    }
  }

  /** Our session must not keep a server alive that nobody else uses. */
  async #leave() {
    const client = await this.#client
    this.#client = null
    client?.end()
  }
}

function rowOf(value: string | undefined): number | null {
  const row = Number(value)
  return row > 0 ? row - 1 : null
}

/** A window that is linked into several sessions is listed once for each. */
function linkedOnce(panes: Pane[]): Pane[] {
  return [...new Map(panes.map((pane) => [pane.paneId, pane])).values()]
}

function gone(paneId: string): AppError {
  return new AppError('not_found', `The pane ${paneId} is gone.`)
}
