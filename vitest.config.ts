import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{app,workers,distributed,orchestrator,migrations}/**/*.test.ts'],
    exclude: ['**/*.real.test.ts', 'node_modules/**', 'dist/**'],
    globalSetup: ['app/testing/global-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
