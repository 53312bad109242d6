import * as Sentry from '@sentry/browser'

/* The script of somebody else's page: it reports by the DSN that it was bundled with, and breaks. */

const dsn = process.env['SENTRY_DSN']
if (dsn === undefined) throw new Error('The page was bundled without a DSN.')
Sentry.init({ dsn, release: 'shop@1' })
setTimeout(() => {
  throw new TypeError('the shelf is bare')
}, 20)
