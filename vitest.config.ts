import { defineConfig } from 'vitest/config'
import { LongestFirst } from './app/testing/longest-first.ts'

export default defineConfig({
  test: {
    include: ['{app,workers,distributed,orchestrator,migrations}/**/*.test.ts'],
    exclude: ['**/*.real.test.ts', 'node_modules/**', 'dist/**'],
    globalSetup: ['app/testing/global-setup.ts'],
    // Only what fails takes that long; a busy machine takes long for what works, too.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // They mostly wait.
    maxWorkers: 3,
    // No file changes a module for the others: what all of them import is loaded once per worker, and not 180 times.
    isolate: false,
    // CI's machine is busy with what it runs itself: what passes only the second time is named at the end of .ci/run.
    retry: process.env['CI'] === undefined ? 0 : 1,
    sequence: { sequencer: LongestFirst },
    // Tests that mostly wait run side by side; more of them would wait for the processor instead.
    maxConcurrency: 4,
  },
})
