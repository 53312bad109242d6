import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import type { Role } from '../../core/account.ts'
import type { TestDashboard } from '../dashboard.ts'

/** Where Debian and others put it. */
const executablePath = process.env['ARCHITECT_CHROMIUM'] ?? '/usr/bin/chromium'

export interface Person extends AsyncDisposable {
  page: Page
  context: BrowserContext
  /** What the page complained about: errors of scripts and refusals of its content security policy. */
  complaints: string[]
}

/** Throws with the command that installs it when there is no Chromium. */
export function openChromium(): Promise<Browser> {
  return openHow((options) => chromium.launch(options))
}

/** Throws as `openChromium` does. */
export async function openHow<Opened>(
  open: (options: { executablePath: string; args: string[] }) => Promise<Opened>,
): Promise<Opened> {
  try {
    // Chromium's own sandbox does not work for root.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    return await open({ executablePath, args: [...args, '--disable-dev-shm-usage'] })
  } catch (error) {
    throw new Error(`No browser at ${executablePath}: sudo apt-get install -y chromium`, { cause: error })
  }
}

export interface Looks {
  width?: number
  height?: number
  colorScheme?: 'light' | 'dark'
  role?: Role
  javaScriptEnabled?: boolean
  hasTouch?: boolean
}

/** What takes longer than this has failed; shorter than a test's own time, so that the failure says what it was. */
const patienceMs = 45_000

/** Somebody in front of a browser of their own, logged in as this role; without one, a stranger. */
export async function openPerson(
  browser: Browser,
  dashboard: TestDashboard,
  looks: Looks = {},
): Promise<Person> {
  const {
    width = 1280,
    height = 900,
    colorScheme = 'light',
    role,
    javaScriptEnabled = true,
    hasTouch = false,
  } = looks
  const context = await browser.newContext({
    baseURL: dashboard.url,
    viewport: { width, height },
    colorScheme,
    javaScriptEnabled,
    hasTouch,
  })
  if (role) await context.addCookies([await cookieFor(dashboard, role)])
  const page = await context.newPage()
  page.setDefaultTimeout(patienceMs)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return { page, context, complaints, [Symbol.asyncDispose]: () => context.close() }
}

async function cookieFor(dashboard: TestDashboard, role: Role) {
  const { cookie } = await dashboard.signIn(role)
  const [name = '', ...value] = cookie.split('=')
  return { name, value: value.join('='), url: dashboard.url, httpOnly: true, sameSite: 'Lax' as const }
}
