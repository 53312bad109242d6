/** Programs that a dashboard starts and watches on its own machine. */
export const serviceTypes = ['assigner', 'task_worker'] as const
export type ServiceType = (typeof serviceTypes)[number]

export interface Service {
  type: ServiceType
  /** Somebody said that it shall not run; that outlives the dashboard. */
  isStopped: boolean
  /** null: it does not run now. */
  pid: number | null
  since: number | null
}

export interface Services {
  list(): Promise<Service[]>
  /** Throws `unavailable` on a dashboard that starts nothing. */
  start(type: ServiceType): Promise<void>
  stop(type: ServiceType): Promise<void>
}
