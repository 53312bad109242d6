import { join } from 'node:path'
import type { StepResult, TestResult } from '../../core/test-suite.ts'
import { setCodeFolders } from '../../db/settings.ts'
import { keepSuggestions } from '../../db/suggestion/suggestions.ts'
import { keepTestRun } from '../../db/test-run/test-runs.ts'
import type { Web } from '../../http/web.ts'
import { planProject } from '../../sources/plan/plan-project.ts'
import { importProject } from '../../sources/projects/import-project.ts'
import { makeSourceTree, type SourceTree } from '../source-tree.ts'

const evil = '<img src=x onerror=alert(1)>'

/** A code folder with two projects, one of them imported and planned, suggestions, and runs of a suite. */
export async function populateSources(web: Web, now: number): Promise<SourceTree & { projectId: number }> {
  const { database, clock, config } = web
  const tree = makeSourceTree({
    'garden/project.json': '{"name": "Garden", "key": "GRDN", "description": "Waters plants"}',
    'garden/CLAUDE.md': 'Be brief.',
    'garden/PLAN.md': '# Watering\n- [x] by hand\n- [ ] by clock\n- [ ] by rain\n# Seeds\n- [ ] order them\n',
    'garden/src/pump.py': `# FIXME: floods the beds\n# TODO: ${evil}\n# TODO: measure the rain\n# HACK: sleeps\n`,
    'rubbish/project.json': '{"name": ',
    'rubbish/main.go': 'package main',
  })
  tree.gitIn('garden', 'init', '-q')
  await database.write((db) => setCodeFolders(db, { folders: [tree.root, '~/gitrepos'] }, now))
  const project = await importProject(database, { path: join(tree.root, 'garden') }, 'anna', now)
  await planProject({ database, clock, dataDir: config.dataDir }, { ...project, root: project.rootPath! })
  await database.write((db) => keepTestRun(db, failedRun(now - 60_000), 'anna', now))
  await database.write((db) =>
    keepSuggestions(
      db,
      [
        {
          key: 'test:1',
          source: 'test',
          title: `Make "login" of ${evil} pass`,
          description: `It failed.\n\n    ${evil}`,
          priority: 7,
          projectId: null,
          ref: '1',
          sightedAt: now,
        },
        {
          key: 'todo:1',
          source: 'todo',
          title: 'TODO: measure the rain',
          description: 'It stands in `src/pump.py`, line 3, for 400 days.',
          priority: 3,
          projectId: project.id,
          ref: 'src/pump.py:3',
          sightedAt: null,
        },
      ],
      ['test', 'todo'],
      now,
    ),
  )
  return { ...tree, projectId: project.id }
}

/** A run of a suite of two cases, of which one failed. */
export function failedRun(beganAt: number): TestResult {
  const passed: StepResult = {
    name: 'is healthy',
    outcome: 'passed',
    duration_ms: 12,
    tries: 1,
    failures: [],
    output: null,
  }
  const failed: StepResult = {
    name: 'log in',
    outcome: 'failed',
    duration_ms: 80,
    tries: 3,
    failures: ['status is 500; expected 200'],
    output: evil.repeat(20),
  }
  const skipped: StepResult = {
    name: 'log out',
    outcome: 'skipped',
    duration_ms: 0,
    tries: 0,
    failures: [],
    output: null,
  }
  return {
    suite: 'Checks of the shop',
    file: 'checks/shop.yaml',
    outcome: 'failed',
    began_at: beganAt,
    duration_ms: 92,
    counts: { passed: 1, failed: 1, error: 0, skipped: 0 },
    cases: [
      { name: 'health', outcome: 'passed', duration_ms: 12, steps: [passed] },
      { name: `login ${evil}`, outcome: 'failed', duration_ms: 80, steps: [failed, skipped] },
    ],
  }
}
