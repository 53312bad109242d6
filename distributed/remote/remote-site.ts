import type { Clock } from '../../app/core/clock.ts'
import type { Checkouts } from '../../app/core/checkouts.ts'
import type { Folders } from '../../app/core/folders.ts'
import type { FleetListeners } from '../../app/core/fleet.ts'
import { AwayError } from '../../app/core/errors.ts'
import type { Launcher } from '../../app/core/launcher.ts'
import type { Site } from '../../app/core/site.ts'
import type { News } from '../protocol/news.ts'
import type { NodeLink } from './link.ts'
import { NodeTime } from './node-time.ts'
import { RemoteFleet } from './remote-fleet.ts'
import { RemoteHooks } from './remote-hooks.ts'
import { RemoteHost } from './remote-host.ts'
import { RemoteTerminals } from './remote-terminals.ts'
import { RemoteReader, type Rules } from './remote-reader.ts'

export interface RemoteSite extends Site {
  hooks: RemoteHooks
  terminals: RemoteTerminals
  launcher: Launcher
}

/** One node elsewhere as the broker works with it, over any number of cuts. */
export function openRemoteSite(link: NodeLink, clock: Clock, rules: Rules): RemoteSite {
  const time = new NodeTime(clock)
  const host = new RemoteHost(link, time)
  const hooks = new RemoteHooks(link)
  let fleet: RemoteFleet | null = null
  let begin: (fleet: RemoteFleet) => void = () => undefined
  const watched = new Promise<RemoteFleet>((resolve) => (begin = resolve))
  let connection = 0
  const clockRead = oncePerConnection(() => time.learn(link))
  link.listen({
    onUp() {
      connection += 1
      clockRead.begin()
    },
    onDown() {
      connection += 1
      fleet?.lose()
    },
    async onNews(news: News) {
      const heardOn = connection
      await clockRead.done()
      const watching = await watched
      if (news.type === 'sessions') await watching.hearPast(news)
      // Behind what the node told by its next connection this would be old, and it tells it again.
      if (heardOn !== connection) throw new AwayError(`${link.node} was cut off before it was heard.`)
      if (news.type === 'hook') return hooks.hear(time.hookMessage(news.message))
      watching.hear(news)
    },
  })
  return {
    host,
    reader: new RemoteReader(link, host, time, rules),
    checkouts: remoteCheckouts(link),
    folders: remoteFolders(link),
    hooks,
    terminals: new RemoteTerminals(link),
    launcher: {
      prepare: (wanted, token, secrets) => link.call('prepare', { wanted, token, secrets: { ...secrets } }),
    },
    watch(listeners: FleetListeners) {
      fleet = new RemoteFleet(link, time, clock, listeners)
      begin(fleet)
      return fleet
    },
  }
}

/** What a connection tells first needs the node's clock, which is asked for meanwhile, and again after a fault. */
function oncePerConnection(work: () => Promise<void>) {
  let under: Promise<void> | null = null
  const done = (): Promise<void> => {
    const own = (under ??= work().catch((error: unknown) => {
      if (under === own) under = null
      throw error
    }))
    return own
  }
  return {
    done,
    begin() {
      under = null
      // A fault is told to whoever waits for it, with the first news.
      done().catch(() => undefined)
    },
  }
}

function remoteFolders(link: NodeLink): Folders {
  return {
    projectRootOf: (dir) => link.call('projectRoot', { dir }),
    realPaths: (paths) => link.call('realPaths', { paths: [...paths] }),
    ownData: () => link.call('ownData', {}),
  }
}

function remoteCheckouts(link: NodeLink): Checkouts {
  return {
    stateOf: (dir) => link.call('checkoutState', { dir }),
    changesOf: (dir, before, after) => link.call('checkoutChanges', { dir, before, after }),
  }
}
