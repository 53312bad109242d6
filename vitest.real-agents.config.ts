import { defineConfig } from 'vitest/config'
import { LongestFirst } from './app/testing/longest-first.ts'

/** The stage that installs real agents from npm and pushes prompts through the whole broker. */
export default defineConfig({
  test: {
    include: ['app/**/*.real.test.ts'],
    globalSetup: ['app/testing/real-agents/global-setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 600_000,
    // Each agent has its own tmux, home and data; more of them than processors slow each other past their own time limits.
    maxWorkers: 2,
    // An agent gives a hook half a second, and a dialog is redrawn when it likes: what passes the second time is reported
    // as retried.
    retry: 1,
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
})
