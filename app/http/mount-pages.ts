import compression from 'compression'
import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express'
import { isAppError } from '../core/errors.ts'
import { loadAssets } from './assets.ts'
import { wantsPage } from './browser.ts'
import { authorise } from './caller.ts'
import { failureOf, sayWhenToRetry } from './failures.ts'
import { isLocalPath } from './redirect.ts'
import { panelPath, type Page, type PanelData } from './page.ts'
import { loginPage } from './pages/small.ts'
import { serveAssets } from './serve-assets.ts'
import { loadShell } from './shell.ts'
import { openViews, type Views } from './views.ts'
import type { Web } from './web.ts'

/**
 * Pages for people: each whole at its address, and its panel alone under `/panels`. Returns what answers a
 * browser's failures with a page.
 */
export function mountPages(app: Express, pages: readonly Page[], web: Web): ErrorRequestHandler {
  const assets = loadAssets()
  const views = openViews(assets, web.config.node)
  const compress = compression()
  serveAssets(app, assets)
  for (const page of pages) {
    app.get(panelPath(page.path), compress, panelHandler(page, web, views))
    app.get(page.path, compress, pageHandler(page, web, views))
  }
  return answerBrowsers(web, views)
}

function panelHandler(page: Page, web: Web, views: Views): RequestHandler {
  return async (request, response) => {
    const data = await load(page, request, web)
    const html = views.render(`panels/${page.name}.njk`, { ...data, ...common(page, request, web) })
    sendPage(response, 200, html)
  }
}

function pageHandler(page: Page, web: Web, views: Views): RequestHandler {
  return async (request, response) => {
    const data = await load(page, request, web)
    sendPage(response, 200, await renderWhole(page, data, request, web, views))
  }
}

/** Screens, prompts and names stand in pages: no cache keeps them. */
function sendPage(response: Response, status: number, html: string): void {
  response.status(status).setHeader('Cache-Control', 'no-store').type('html').send(html)
}

async function renderWhole(
  page: Page,
  data: object,
  request: Request,
  web: Web,
  views: Views,
): Promise<string> {
  const shell = await loadShell(web, request)
  return views.render('layout.njk', { ...shell, ...data, ...common(page, request, web) })
}

/** Who is not logged in is led to the login and back; a failed login and everything else says why on a page. */
function answerBrowsers(web: Web, views: Views): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent || !wantsPage(request) || /^\/(api|panels)\//.test(request.path))
      return next(error)
    if (request.method === 'GET' && isAppError(error, 'unauthorized'))
      return response.redirect(302, loginFor(request))
    return sayFailure(error, request, response, web, views)
  }
}

function load(page: Page, request: Request, web: Web): Promise<PanelData> {
  authorise(page.access, request.caller)
  return page.load({
    params: page.params ? page.params.parse(request.params) : null,
    query: page.query ? page.query.parse(request.query) : null,
    body: null,
    caller: request.caller,
    requestId: request.id,
    address: request.ip ?? '',
    web,
  })
}

/** What every template may use. */
function common(page: Page, request: Request, web: Web) {
  return {
    now: web.clock.now(),
    caller: request.caller,
    panel: { name: page.name, topics: page.topics, address: panelAddress(request) },
    area: page.area,
    theme: themeOf(request),
  }
}

/** The address under which this very view is fetched again. */
function panelAddress({ originalUrl }: Request): string {
  if (originalUrl.startsWith('/panels/')) return originalUrl
  const query = originalUrl.indexOf('?')
  const path = query < 0 ? originalUrl : originalUrl.slice(0, query)
  return panelPath(path) + (query < 0 ? '' : originalUrl.slice(query))
}

/** Only a local path, so that nobody is led elsewhere after the login. */
function loginFor({ originalUrl }: Request): string {
  return originalUrl === '/' ? '/login' : `/login?next=${encodeURIComponent(originalUrl)}`
}

/** `auto` follows the system. */
function themeOf({ headers }: Request): 'auto' | 'light' | 'dark' {
  const cookie = /(?:^|;\s*)architect\.theme=(light|dark)(?:;|$)/.exec(headers.cookie ?? '')
  return (cookie?.[1] as 'light' | 'dark' | undefined) ?? 'auto'
}

async function sayFailure(error: unknown, request: Request, response: Response, web: Web, views: Views) {
  const failure = failureOf(error)
  if (failure.status === 500) web.log.json.error({ err: error, request: request.id }, 'a page failed')
  const isLogin = request.path === '/login'
  const data = isLogin
    ? loginAgain(request)
    : { title: failure.status === 404 ? 'Not found' : 'That did not work' }
  const page = isLogin ? loginPage : failurePage
  const html = await renderWhole(page, { ...data, failure, requestId: request.id }, request, web, views)
  sayWhenToRetry(error, response)
  sendPage(response, failure.status, html)
}

/** The form once more, with what was typed but the password. */
function loginAgain({ body }: Request) {
  const { username, next } = (body ?? {}) as { username?: unknown; next?: unknown }
  const path = typeof next === 'string' && isLocalPath(next) ? next : '/'
  return { title: 'Log in', username, next: path, notice: null, isLoggedIn: false }
}

const failurePage: Page = {
  path: '',
  name: 'failure',
  area: 'none',
  access: 'public',
  topics: [],
  params: null,
  query: null,
  load: () => Promise.resolve({ title: '' }),
}
