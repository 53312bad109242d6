import type { Express, Request, RequestHandler, Response } from 'express'
import type { Asset, Assets, Encoding } from './assets.ts'

/**
 * `/assets/VERSION/NAME` may be kept for a year, because a changed file has another address; modules import
 * each other relative to it. `/vendor/NAME` is asked for again each time, and mostly answered with 304.
 */
export function serveAssets(app: Express, assets: Assets): void {
  app.get('/assets/:version/*name', (request, response, next) => {
    const asset = assets.find(nameIn(request))
    if (!asset) return next()
    const isCurrent = request.params['version'] === assets.version
    return send(request, response, asset, isCurrent ? 'public, max-age=31536000, immutable' : 'no-cache')
  })
  app.get('/vendor/*name', (request, response, next) => {
    const asset = assets.find(`vendor/${nameIn(request)}`)
    return asset ? send(request, response, asset, 'no-cache') : next()
  })
  app.get('/favicon.ico', redirectTo(`/assets/${assets.version}/favicon.svg`))
}

function nameIn({ params }: Request): string {
  const parts: unknown = params['name']
  return Array.isArray(parts) ? parts.join('/') : ''
}

async function send(request: Request, response: Response, asset: Asset, cache: string): Promise<void> {
  const wanted = request.acceptsEncodings(['br', 'gzip', 'identity'])
  const encoding: Encoding = wanted === 'br' || wanted === 'gzip' ? wanted : 'identity'
  const bytes = await asset.bytes(encoding)
  response.setHeader('Cache-Control', cache)
  response.setHeader('Vary', 'Accept-Encoding')
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding)
  response.type(asset.type).send(bytes)
}

function redirectTo(address: string): RequestHandler {
  return (_request, response) => response.redirect(302, address)
}
