import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RealAgentKind } from './versions.ts'

export interface HomeWish {
  home: string
  /** The folder that the agent works in; trusted beforehand, unless `fresh`. */
  dir: string
  /** Port of the stub model on 127.0.0.1. */
  port: number
  theme: 'dark' | 'light'
  /** Leave trust and onboarding unanswered, as on a new machine. */
  fresh: boolean
  /** Log in as a subscription, with a token that nobody issued: only such sessions are told usage limits. */
  subscription: boolean
  /** More of the agent's settings file (hooks, …). */
  settings: Record<string, unknown>
}

/**
 * Writes an agent's settings into a home of its own, so that it comes up idle, offline and without asking, and
 * returns the environment that it is started with. Nothing of the user's own is read or changed.
 */
export function prepareHome(kind: RealAgentKind, wish: HomeWish): Promise<Record<string, string>> {
  return homes[kind](wish)
}

const homes: Record<RealAgentKind, (wish: HomeWish) => Promise<Record<string, string>>> = {
  claude: claudeHome,
  codex: codexHome,
  gemini: geminiHome,
  opencode: opencodeHome,
}

const dummyKey = 'sk-ant-dummy-0123456789abcdefghijklmnop'

async function claudeHome({ home, dir, port, theme, fresh, subscription, settings }: HomeWish) {
  const trusted = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true, allowedTools: [] }
  const answered = { hasCompletedOnboarding: true, lastOnboardingVersion: '9.9.9', theme }
  const approved = { customApiKeyResponses: { approved: [dummyKey.slice(-20)], rejected: [] } }
  await writeJson(join(home, '.claude/settings.json'), { theme, ...settings })
  await writeJson(join(home, '.claude.json'), {
    ...answered,
    ...approved,
    bypassPermissionsModeAccepted: true,
    projects: fresh ? {} : { [dir]: trusted },
  })
  const login: Record<string, string> = subscription
    ? { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-dummy' }
    : { ANTHROPIC_API_KEY: dummyKey }
  return {
    ...login,
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    IS_SANDBOX: '1',
  }
}

async function codexHome({ home, dir, port, fresh }: HomeWish) {
  const lines = [
    'model = "gpt-5-codex"',
    'model_provider = "stub"',
    'check_for_update_on_startup = false',
    '[model_providers.stub]',
    'name = "stub"',
    `base_url = "http://127.0.0.1:${port}/v1"`,
    'env_key = "OPENAI_API_KEY"',
    'wire_api = "responses"',
    '[analytics]',
    'enabled = false',
    ...(fresh ? [] : [`[projects."${dir}"]`, 'trust_level = "trusted"']),
  ]
  await write(join(home, '.codex/config.toml'), lines.join('\n') + '\n')
  return { OPENAI_API_KEY: 'sk-dummy' }
}

async function geminiHome({ home, port, theme, fresh, settings }: HomeWish) {
  await writeJson(join(home, '.gemini/settings.json'), {
    security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: fresh } },
    general: { disableAutoUpdate: true, disableUpdateNag: true, enableAutoUpdate: false },
    ui: { theme: theme === 'light' ? 'Default Light' : 'Default' },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    ...settings,
  })
  return { GEMINI_API_KEY: 'dummy', GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${port}` }
}

async function opencodeHome({ home, port, settings }: HomeWish) {
  const limit = { context: 200_000, output: 8192 }
  const stub = {
    npm: '@ai-sdk/openai-compatible',
    name: 'Stub',
    options: { baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'dummy' },
    models: { stub: { name: 'Stub', tool_call: true, limit } },
  }
  await writeJson(join(home, '.config/opencode/opencode.json'), {
    model: 'stub/stub',
    small_model: 'stub/stub',
    autoupdate: false,
    share: 'disabled',
    provider: { stub },
    permission: { bash: 'ask', edit: 'ask', webfetch: 'ask' },
    ...settings,
  })
  return {
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local/share'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_STATE_HOME: join(home, '.local/state'),
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
  }
}

function writeJson(path: string, value: object): Promise<void> {
  return write(path, JSON.stringify(value, null, 1))
}

async function write(path: string, text: string) {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
