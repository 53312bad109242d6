import { serveBareErrors, serveErrors } from './error-servers.ts'

await (process.argv[2] === 'bare' ? serveBareErrors() : serveErrors())
