import { serveBare, serveDashboard } from './http-servers.ts'

const [json] = process.argv.slice(2)
await (json === undefined ? serveDashboard() : serveBare(json))
