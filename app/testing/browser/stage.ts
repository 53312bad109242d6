import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { startDashboard, type TestDashboard } from '../dashboard.ts'
import { startScriptedAgent, type Behaviour, type ScriptedAgent } from '../scripted-agent/scripted-agent.ts'
import { Hooks, startSteppedAssigner } from '../stepped-assigner.ts'
import { openPerson, type Looks, type Person } from './chromium.ts'
import { joinChromium } from './shared-chromium.ts'

/** A dashboard with a browser in front of it and, when asked for, an assigner with scripted agents behind it. */
export interface Stage extends AsyncDisposable {
  dashboard: TestDashboard
  browser: Browser
  agents: Record<string, ScriptedAgent>
  person(looks?: Looks): Promise<Person>
}

export async function openStage(
  options: Parameters<typeof startDashboard>[0] & { agents?: Record<string, Behaviour> } = {},
): Promise<Stage> {
  const dashboard = await startDashboard(options)
  const browser = await joinChromium()
  const agents: Record<string, ScriptedAgent> = {}
  for (const [name, behaviour] of Object.entries(options.agents ?? {})) {
    agents[name] = await startScriptedAgent(dashboard.server, { name, behaviour })
  }
  const assigner = options.agents ? await startSteppedAssigner(dashboard.web.config, new Hooks()) : null
  return {
    dashboard,
    browser,
    agents,
    person: (looks) => openPerson(browser, dashboard, looks),
    async [Symbol.asyncDispose]() {
      await browser.close()
      await assigner?.stop()
      await dashboard[Symbol.asyncDispose]()
    },
  }
}

/** Where screenshots go: `ARCHITECT_SCREENSHOTS`, or a folder under the system's temporary one. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['ARCHITECT_SCREENSHOTS'] ?? join(tmpdir(), 'architect-screenshots')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, animations: 'disabled' })
}
