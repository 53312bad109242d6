import { defineConfig } from 'vitest/config'
import { LongestFirst } from './app/testing/longest-first.ts'

export default defineConfig({
  test: {
    include: ['{app,workers,distributed,orchestrator,migrations}/**/*.test.ts'],
    exclude: ['**/*.real.test.ts', 'node_modules/**', 'dist/**'],
    globalSetup: ['app/testing/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Tests that mostly wait run side by side; more of them would wait for the processor instead.
    maxConcurrency: 4,
  },
})
