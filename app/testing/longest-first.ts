import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'

/**
 * What the long files take, in seconds on two cores; a file that is not named takes less. It is the order that counts:
 * rough figures do, and one that is out of date costs some seconds at the end of a run.
 */
export const longFiles: Record<string, number> = {
  'app/testing/browser/looks.test.ts': 130,
  'app/testing/chaos/chaos.test.ts': 66,
  'app/testing/e2e/cut-links.test.ts': 55,
  'app/testing/chaos/answers.test.ts': 40,
  'app/testing/e2e/delivery-habits.test.ts': 43,
  'app/testing/e2e/cli-queue.test.ts': 42,
  'app/testing/e2e/cli-dashboard.test.ts': 40,
  'app/testing/browser/login.test.ts': 38,
  'app/testing/browser/keyboard.test.ts': 38,
  'app/testing/browser/terminal.test.ts': 34,
  'app/testing/e2e/cluster.test.ts': 33,
  'app/testing/browser/prompts.test.ts': 33,
  'app/testing/e2e/delivery-deaths.test.ts': 31,
  'app/live/terminals/terminals.test.ts': 30,
  'app/testing/browser/asking.test.ts': 29,
  'app/testing/browser/live.test.ts': 28,
  'app/testing/e2e/cli-assigner.test.ts': 26,
  'app/testing/e2e/delegation.test.ts': 26,
  'app/testing/e2e/queue.test.ts': 24,
  'distributed/coming-back.test.ts': 22,
  'app/http/routes/login.test.ts': 20,
  'app/testing/browser/pictures.test.ts': 20,
  'app/testing/browser/first-day.test.ts': 20,
  'app/agents/process.test.ts': 17,
  'distributed/remote-host.test.ts': 17,
  'app/broker/keyboard.test.ts': 16,
  'app/testing/e2e/delivery-people.test.ts': 15,
  'app/broker/interactions/desk.test.ts': 14,
  'app/testing/e2e/delivery-dialogs.test.ts': 13,
  'app/testing/e2e/cli-remote.test.ts': 12,
  'app/testing/e2e/delivery-whole.test.ts': 12,
  'app/supervisor.test.ts': 12,
  'app/hooks/spool.test.ts': 12,
  'app/broker/delegation/delegation.test.ts': 12,
  'app/testing/architecture.test.ts': 11,
  'app/hosts/tmux/failures.test.ts': 10,

  'app/testing/real-agents/cluster.real.test.ts': 95,
  'app/testing/real-agents/broker-commands.real.test.ts': 60,
  'app/testing/real-agents/broker-deaths.real.test.ts': 54,
  'app/testing/real-agents/broker-claude.real.test.ts': 53,
  'app/testing/real-agents/broker-life.real.test.ts': 51,
  'app/testing/real-agents/broker-opencode.real.test.ts': 47,
  'app/testing/real-agents/hooks.real.test.ts': 45,
  'app/testing/real-agents/broker-codex.real.test.ts': 44,
  'app/testing/real-agents/claude-asks.real.test.ts': 43,
  'app/testing/real-agents/broker-gemini.real.test.ts': 38,
  'app/testing/real-agents/codex-plans.real.test.ts': 35,
  'app/testing/real-agents/broker-dialogs.real.test.ts': 32,
  'app/testing/real-agents/real-agents.real.test.ts': 26,
  'app/testing/real-agents/broker-limits.real.test.ts': 25,
  'app/testing/real-agents/story.real.test.ts': 22,
  'app/testing/real-agents/broker-permission.real.test.ts': 20,
}

/** Starts the files first that take the longest, so that none of them runs alone at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => secondsOf(other.moduleId) - secondsOf(one.moduleId))
  }
}

function secondsOf(path: string): number {
  const name = Object.keys(longFiles).find((file) => path.endsWith(`/${file}`))
  return name === undefined ? 0 : longFiles[name]!
}
