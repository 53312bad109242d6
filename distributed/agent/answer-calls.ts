import type { SessionReading } from '../../app/core/agent.ts'
import { AppError } from '../../app/core/errors.ts'
import { paneKey, type Look } from '../../app/core/host.ts'
import { answerOf, type Answer } from '../protocol/answers.ts'
import { calls, type CallAnswer, type CallArgs, type CallName } from '../protocol/calls.ts'
import { unpack, type Packed } from '../protocol/packing.ts'
import type { Seen } from '../protocol/shapes.ts'
import type { Here } from './here.ts'
import type { HookNews } from './hook-news.ts'
import { KnownTexts } from './known-texts.ts'
import type { SessionNews } from './session-news.ts'
import type { TerminalDesk } from './terminal-desk.ts'

/** Readings of so many agents are kept, so that the record of one that is gone can still be asked. */
const mostReadings = 256

/** Answers what the dashboard asks this node, in the words of `calls`. */
export class CallDesk {
  readonly #here: Here
  readonly #sessions: SessionNews
  readonly #hooks: HookNews
  readonly #terminals: TerminalDesk
  #screens: ReturnType<Here['openSweeps']>
  readonly #texts = new KnownTexts()
  readonly #readings = new Map<string, SessionReading>()

  constructor(here: Here, sessions: SessionNews, hooks: HookNews, terminals: TerminalDesk) {
    this.#here = here
    this.#sessions = sessions
    this.#hooks = hooks
    this.#terminals = terminals
    this.#screens = here.openSweeps()
  }

  /** Whoever asked is gone with the connection, and the next one knows nothing of what was seen. */
  async endConnection(): Promise<void> {
    this.#screens = this.#here.openSweeps()
    await this.#terminals.close()
  }

  /** Never rejects. */
  answer(name: string, packed: Packed): Promise<Answer> {
    return answerOf(() => {
      if (!Object.hasOwn(calls, name)) {
        throw new AppError('invalid', `This node's agent does not know "${name}". Upgrade it.`)
      }
      return this.#run(name as CallName, unpack(packed))
    })
  }

  async #run<Name extends CallName>(name: Name, args: unknown): Promise<CallAnswer<Name>> {
    const handler: (args: CallArgs<Name>) => Promise<CallAnswer<Name>> = this.#handlers[name]
    return handler(calls[name].args.parse(args) as CallArgs<Name>)
  }

  readonly #handlers: { [Name in CallName]: (args: CallArgs<Name>) => Promise<CallAnswer<Name>> } = {
    time: async () => this.#here.clock.now(),
    list: () => this.#here.host.list(),
    sweep: async ({ wanted }) => {
      const keys = new Set(wanted)
      const { at, panes, changed } = await this.#screens.sweep((pane) => keys.has(paneKey(pane)))
      return { at, panes, changed: changed.map((look) => this.#read(look)) }
    },
    look: async ({ pane, searches }) => this.#read(await this.#here.host.look(pane, searches)),
    history: ({ pane, lines }) => this.#here.host.history(pane, lines),
    paste: ({ seen, text, marker }) => this.#here.host.paste(lookOf(seen), text, marker),
    submit: ({ seen, marker }) => this.#here.host.submit(lookOf(seen), marker),
    press: ({ seen, keys, marker }) => this.#here.host.press(lookOf(seen), keys, marker),
    mark: ({ seen, marker }) => this.#here.host.mark(lookOf(seen), marker),
    create: (session) => this.#here.host.create(session),
    kill: async ({ name, server }) => {
      await this.#here.host.kill(name, server)
      return null
    },
    attach: ({ pane, mode }) => this.#terminals.attach(pane, mode),
    readTerminal: ({ terminal }) => this.#terminals.read(terminal),
    // Not later than in this turn: keys stay in the order in which they came.
    writeTerminal: async ({ terminal, keys }) => {
      this.#terminals.write(terminal, keys)
      return null
    },
    redrawTerminal: async ({ terminal }) => {
      await this.#terminals.redraw(terminal)
      return null
    },
    followWindow: ({ terminal }) => this.#terminals.followWindow(terminal),
    fitTerminal: ({ terminal, size }) => this.#terminals.fit(terminal, size),
    detach: async ({ terminal }) => {
      await this.#terminals.detach(terminal)
      return null
    },
    prepare: ({ wanted, token, secrets }) => this.#here.launcher.prepare(wanted, token, secrets),
    refresh: async (pane) => (await this.#sessions.refresh(pane)) ?? null,
    follow: async ({ keys }) => {
      this.#sessions.follow(keys)
      return null
    },
    findTurn: async ({ generation, digest, since, text }) => {
      const whole = this.#texts.textOf(digest, text)
      if (whole === undefined) return { unknown: 'text' }
      const reading = this.#sessions.readingOf(generation) ?? this.#readings.get(generation)
      return { turn: reading ? await this.#here.reader.findTurn(reading, whole, since) : null }
    },
    checkoutState: ({ dir }) => this.#here.checkouts.stateOf(dir),
    checkoutChanges: ({ dir, before, after }) => this.#here.checkouts.changesOf(dir, before, after),
    projectRoot: ({ dir }) => this.#here.folders.projectRootOf(dir),
    realPaths: ({ paths }) => this.#here.folders.realPaths(paths),
    ownData: () => this.#here.folders.ownData(),
    keepHook: async ({ id, agent }) => {
      await this.#hooks.keep(id, agent)
      return null
    },
    decideHook: ({ id, decision }) => this.#hooks.decide(id, decision),
  }

  #read(look: Look): CallAnswer<'look'> {
    const reading = this.#here.reader.read(look)
    if (reading.generation !== null) this.#keep(reading.generation, reading)
    return { look, reading, dialog: this.#here.reader.readDialog(look, reading) }
  }

  #keep(generation: string, reading: SessionReading) {
    this.#readings.delete(generation)
    this.#readings.set(generation, reading)
    for (const [oldest] of this.#readings) {
      if (this.#readings.size > mostReadings) this.#readings.delete(oldest)
    }
  }
}

/** A guard compares everything but the rows. */
function lookOf(seen: Seen): Look {
  return { ...seen, rows: [] }
}
