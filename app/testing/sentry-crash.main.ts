import * as Sentry from '@sentry/node'

/* A program of somebody else: it reports by the DSN that it is given, and crashes. */

Sentry.init({ dsn: process.argv[2], serverName: 'pi-9', release: 'shop@1', tracesSampleRate: 1 })
setTimeout(() => {
  throw new TypeError('the basket of 17 is gone')
}, 50)
