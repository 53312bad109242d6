import { AppError } from '../../core/errors.ts'
import { programPath } from '../../core/paths.ts'
import { startDaemon } from '../../daemon.ts'
import type { PlannedProject } from './make-plan.ts'
import { planStatusOf } from './plan-status.ts'

/**
 * Has a process of its own plan a project, so that nobody waits for a large tree; its status file tells how far it
 * is. Throws `conflict` while one is at it already.
 */
export async function startScan(dataDir: string, { id, name, root }: PlannedProject): Promise<void> {
  const status = await planStatusOf(dataDir, root)
  if (status?.state === 'scanning') {
    throw new AppError('conflict', `${name} is being scanned already. Wait until that has ended.`)
  }
  await startDaemon(programPath('workers/milestone-worker'), { ...process.env, ARCHITECT_DATA: dataDir }, [
    String(id),
  ])
}
