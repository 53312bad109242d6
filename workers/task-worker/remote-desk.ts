import type { Task, TaskRun } from '../../app/core/task.ts'
import type { LiveRun } from '../../app/db/task/read.ts'
import { fromJson, toJson, type Json } from '../../app/json.ts'
import { fitting, type NamedRun } from '../../app/tasks/work.ts'
import type { TaskDesk } from './desk.ts'

/** Another machine's dashboard, as a client asks it; throws `AppError` with what it answered. */
export interface Asking {
  get<Reply>(path: string): Promise<Reply>
  send<Reply>(method: 'POST' | 'DELETE', path: string, body?: object): Promise<Reply>
}

/** The desk of a worker on another machine. */
export function remoteDesk(dashboard: Asking): TaskDesk {
  const post = <Reply>(path: string, body: object) => dashboard.send<Reply>('POST', path, body)
  const of = ({ taskId }: NamedRun, word: string) => `/api/tasks/${taskId}/${word}`
  return {
    lookEveryMs: 2_000,
    async register({ ownTypes, ...worker }) {
      const own_types = ownTypes.map(({ schema, ...type }) => ({ ...toJson(type), schema }))
      const body = { ...toJson(worker), own_types }
      return (await post<{ worker_id: number }>('/api/workers/register', body)).worker_id
    },
    async claim(workerId) {
      const reply = await post<ClaimReply>('/api/tasks/claim', { worker_id: workerId })
      if (!reply.task || !reply.run) return null
      const { result: _result, ...task } = reply.task
      return {
        task: { ...fromJson<Task>(task as Json<Task>), result: null },
        run: fromJson<TaskRun>(reply.run),
      }
    },
    async beat(workerId) {
      const { runs } = await post<RunsReply>(`/api/workers/${workerId}/heartbeat`, {})
      return fromJson<LiveRun[]>(runs)
    },
    async runs(workerId) {
      const { runs } = await dashboard.get<RunsReply>(`/api/workers/${workerId}/runs`)
      return fromJson<LiveRun[]>(runs)
    },
    async complete(run, end) {
      await post(of(run, 'complete'), { ...heldOf(run), ...endOf(fitting(end)) })
    },
    async fail(run, outcome, { reason, mayRetry, ...end }) {
      const why = { error: reason?.slice(0, 2_000) ?? null, retry: mayRetry ?? true, outcome }
      await post(of(run, 'fail'), { ...heldOf(run), ...endOf(fitting(end)), ...why })
    },
    async addLog(run, parts) {
      await post(of(run, 'logs'), { ...heldOf(run), parts })
    },
    async secrets(run) {
      return (await post<{ env: Record<string, string> }>(of(run, 'secrets'), heldOf(run))).env
    },
    async leave(workerId) {
      await dashboard.send('DELETE', `/api/workers/${workerId}`)
    },
    onNews: () => () => undefined,
  }
}

interface ClaimReply {
  task: (Json<Task> & { result?: unknown }) | null
  run: Json<TaskRun> | null
}

interface RunsReply {
  runs: Json<LiveRun[]>
}

function heldOf({ id, leaseEpoch }: NamedRun) {
  return { run_id: id, epoch: leaseEpoch }
}

function endOf(end: Parameters<TaskDesk['complete']>[1]) {
  return {
    exit_code: end.exitCode ?? null,
    signal: end.signal ?? null,
    peak_memory_bytes: end.peakMemoryBytes ?? null,
    ...(end.result !== undefined && { result: end.result }),
  }
}
