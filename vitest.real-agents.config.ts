import { defineConfig } from 'vitest/config'
import { LongestFirst } from './app/testing/longest-first.ts'

/** The stage that installs real agents from npm and pushes prompts through the whole broker. */
export default defineConfig({
  test: {
    include: ['app/**/*.real.test.ts'],
    globalSetup: ['app/testing/real-agents/global-setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 600_000,
    // Agents mostly wait, and each has its own tmux, home and data.
    maxWorkers: 3,
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
})
