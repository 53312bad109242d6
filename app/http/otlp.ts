import { z } from 'zod'
import type { TimedUsage } from '../core/usage.ts'

/*
 * The part of OTLP/HTTP in JSON that agents send: sums and log records with attributes. Numbers of 64 bits come
 * as strings, times in nanoseconds.
 */

const nanoseconds = z.coerce.number().transform((nano) => Math.floor(nano / 1e6))
const attributes = z
  .array(
    z.looseObject({
      key: z.string(),
      value: z.looseObject({ stringValue: z.string().optional() }).optional(),
    }),
  )
  .default([])

const point = z.looseObject({
  attributes,
  timeUnixNano: nanoseconds,
  asDouble: z.number().optional(),
  asInt: z.coerce.number().optional(),
})

const metric = z.looseObject({
  name: z.string(),
  sum: z
    .looseObject({
      aggregationTemporality: z.union([z.number(), z.string()]),
      dataPoints: z.array(point).default([]),
    })
    .optional(),
})

export const metricsBody = z.looseObject({
  resourceMetrics: z
    .array(
      z.looseObject({
        scopeMetrics: z.array(z.looseObject({ metrics: z.array(metric).default([]) })).default([]),
      }),
    )
    .default([]),
})

const logRecord = z.looseObject({
  timeUnixNano: nanoseconds.optional(),
  observedTimeUnixNano: nanoseconds.optional(),
  body: z.looseObject({ stringValue: z.string().optional() }).optional(),
  attributes,
})

export const logsBody = z.looseObject({
  resourceLogs: z
    .array(
      z.looseObject({
        scopeLogs: z.array(z.looseObject({ logRecords: z.array(logRecord).default([]) })).default([]),
      }),
    )
    .default([]),
})

/** Tokens and costs of Claude's metrics; sums that count from the start of the process are left out and counted. */
export function usageOfMetrics(body: z.output<typeof metricsBody>): { told: TimedUsage[]; refused: number } {
  const metrics = body.resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap((scope) => scope.metrics),
  )
  const told: TimedUsage[] = []
  let refused = 0
  for (const { name, sum } of metrics) {
    if (!sum || !(name === tokenMetric || name === costMetric)) continue
    if (!isDelta(sum.aggregationTemporality)) refused += sum.dataPoints.length
    else told.push(...sum.dataPoints.flatMap((each) => usageOfPoint(name, each)))
  }
  return { told, refused }
}

/** Requests to a model and their failures, by Claude's events. */
export function usageOfLogs(body: z.output<typeof logsBody>, now: number): TimedUsage[] {
  const records = body.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap((scope) => scope.logRecords))
  return records.flatMap((record): TimedUsage[] => {
    const event = valueOf(record.attributes, 'event.name') ?? record.body?.stringValue ?? ''
    const what = event.replace(/^claude_code\./, '')
    const usage = {
      at: record.timeUnixNano || record.observedTimeUnixNano || now,
      model: valueOf(record.attributes, 'model') ?? '',
    }
    if (what === 'api_request') return [{ ...usage, requests: 1 }]
    return what === 'api_error' ? [{ ...usage, errors: 1 }] : []
  })
}

const tokenMetric = 'claude_code.token.usage'
const costMetric = 'claude_code.cost.usage'
const fieldOfType: Record<string, 'tokensIn' | 'tokensOut' | 'cacheRead' | 'cacheWrite'> = {
  input: 'tokensIn',
  output: 'tokensOut',
  cacheRead: 'cacheRead',
  cacheCreation: 'cacheWrite',
}

function usageOfPoint(
  name: string,
  { attributes: given, timeUnixNano: at, asDouble, asInt }: z.output<typeof point>,
) {
  const value = asDouble ?? asInt ?? 0
  const model = valueOf(given, 'model') ?? ''
  if (!Number.isFinite(value) || value <= 0) return []
  if (name === costMetric) return [{ at, model, costUsd: value }]
  const field = fieldOfType[valueOf(given, 'type') ?? '']
  return field ? [{ at, model, [field]: value }] : []
}

/** 1 in the protocol's numbers. */
function isDelta(temporality: number | string): boolean {
  return temporality === 1 || temporality === 'AGGREGATION_TEMPORALITY_DELTA'
}

function valueOf(given: z.output<typeof attributes>, key: string): string | undefined {
  return given.find((each) => each.key === key)?.value?.stringValue?.slice(0, 200)
}
