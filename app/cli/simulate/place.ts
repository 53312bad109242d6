import type { Config } from '../../config.ts'
import { AppError } from '../../core/errors.ts'
import { programPath } from '../../core/paths.ts'
import { startDaemon, stopDaemon } from '../../daemon.ts'
import { runningInstance } from '../../single-instance.ts'
import { assignerName } from '../assigner/start.ts'
import { dashboardName } from '../dashboard/start.ts'
import { remoteAddress } from '../remote/address.ts'

/** The dashboard that simulated nodes join; one that was started for it ends with it. */
export interface Place extends AsyncDisposable {
  /** Ends with a slash. */
  url: string
}

/** That of `ARCHITECT_URL`, that which works on this machine's data folder, or one that is started now. */
export async function findPlace(
  config: Config,
  show: (line: string) => void,
  saidBy?: string,
): Promise<Place> {
  const remote = remoteAddress(process.env, saidBy)
  if (remote) return { url: `${remote.url}/`, [Symbol.asyncDispose]: async () => undefined }
  const { dataDir } = config
  const running = runningInstance(dataDir, dashboardName)?.address
  if (running !== undefined) return { url: running, [Symbol.asyncDispose]: async () => undefined }
  const hadAssigner = runningInstance(dataDir, assignerName) !== null
  const env = { ...process.env, ARCHITECT_DATA: dataDir }
  const { note } = await startDaemon(programPath('app/dashboard'), env)
  const url = runningInstance(dataDir, dashboardName)?.address
  if (url === undefined) {
    throw new AppError('unavailable', 'The dashboard ended as soon as it began. Start it alone: ./deploy.sh')
  }
  show(`No dashboard ran, so one is started: ${url}`)
  if (note !== null) show(note)
  return {
    url,
    async [Symbol.asyncDispose]() {
      await stopDaemon(dataDir, dashboardName)
      if (!hadAssigner) await stopDaemon(dataDir, assignerName)
      show('The dashboard that was started for it has ended as well.')
    },
  }
}
