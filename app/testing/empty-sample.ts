import type { MetricSample } from '../core/metric-sample.ts'

/** Of a machine that tells nothing of itself. */
export function emptySample(at: number): MetricSample {
  return {
    at,
    cpu: null,
    load: null,
    mem: null,
    swap: null,
    disks: [],
    net: null,
    temp: null,
    up: null,
    tmux: null,
    agent: null,
    sessions: [],
    pi: null,
  }
}
