import type { AgentKind } from '../core/session.ts'
import { ownEntries } from './entries.ts'
import { prepareHookFolder, writeWhole } from './prepare.ts'

/** Where an agent's own figures go, and what opens it. */
export interface TelemetryTarget {
  /** The dashboard's address: `http://127.0.0.1:8080`. */
  url: string
  /** The session's own token. */
  token: string
}

/** What tells an agent which session it is. */
export function sessionEnvironment(name: string, telemetry: TelemetryTarget | null): Record<string, string> {
  return { ARCHITECT_SESSION: name, ...(telemetry && telemetryEnvironment(telemetry)) }
}

/** Claude's own switches; other agents pay no attention to them. */
function telemetryEnvironment({ url, token }: TelemetryTarget): Record<string, string> {
  return {
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    // Claude 2.1.329 sends the value as it stands: %20 would arrive as %20.
    OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer ${token}`,
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
  }
}

/**
 * The program of a session that Architect starts, with hooks that its user need not install: Claude takes more
 * settings from a file. Other agents have no such way, and keep what is in their settings.
 */
export async function commandWithHooks(
  agent: AgentKind | null,
  command: readonly string[],
  dataDir: string,
): Promise<string[]> {
  if (agent !== 'claude' || command.includes('--settings')) return [...command]
  const { program, sessionSettings } = await prepareHookFolder(dataDir)
  const hooks = Object.entries(ownEntries(program, agent)).map(([event, entry]) => [
    event,
    [{ hooks: [entry] }],
  ])
  await writeWhole(
    sessionSettings,
    `${JSON.stringify({ hooks: Object.fromEntries(hooks) as object }, null, 2)}\n`,
  )
  return [...command, '--settings', sessionSettings]
}
