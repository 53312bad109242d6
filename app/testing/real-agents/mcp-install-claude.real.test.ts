import { testMcpInstall } from './mcp-install.ts'

testMcpInstall('claude')
