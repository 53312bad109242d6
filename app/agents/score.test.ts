import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { packageRoot } from '../core/paths.ts'
import { loadLibrary } from './library.ts'
import { recordingFiles } from './recordings/load.ts'
import { scoreFiles } from './score.ts'

const library = loadLibrary()
const files = recordingFiles()
const disputed = z
  .record(z.string(), z.string())
  .parse(parse(readFileSync(join(packageRoot, 'app/agents/recordings/disputed.yaml'), 'utf8')))

describe('the recorded screens', () => {
  test('no screen that takes no prompt is read as one that does', async () => {
    const totals = await scoreFiles(library, files)

    expect(totals.recordings).toBe(519)
    expect(totals.wronglyAccepted).toEqual([])
  })

  test('every state is right, but for the recordings whose screen shows something else than they note', async () => {
    const totals = await scoreFiles(library, files)

    expect(Object.values(totals.confusion).flat().toSorted()).toEqual(Object.keys(disputed).toSorted())
  })

  test('few screens that take a prompt are refused', async () => {
    const totals = await scoreFiles(library, files)

    expect(totals.wronglyRefused.filter((id) => !(id in disputed)).length).toBeLessThanOrEqual(7)
  })
})

describe('scoreFiles', () => {
  const own = {
    id: 'mine',
    command: 'bash',
    width: 20,
    height: 2,
    cursor: { x: 2, y: 0, visible: true },
    text: '$ ',
  }

  test('a capture without a class is read and not counted as right or wrong', async () => {
    const results: string[] = []

    const totals = await scoreFiles(library, [fileOf(JSON.stringify(own))], ({ id, state }) =>
      results.push(`${id} ${state}`),
    )

    expect(results).toEqual(['mine not_agent'])
    expect(totals).toMatchObject({ recordings: 1, labelled: 0, share: 1 })
  })

  test.each([
    ['{', /line 2: must be one JSON object/],
    [JSON.stringify({ ...own, width: 'wide' }), /line 2: width: .*number/],
    [JSON.stringify({ ...own, text: undefined }), /line 2: "ansi" or "text"/],
    [JSON.stringify({ ...own, class: 'sleepy' }), /line 2: class: /],
  ])('a bad line is named: %s', async (line, sentence) => {
    const file = fileOf(`${JSON.stringify(own)}\n${line}`)

    await expect(scoreFiles(library, [file])).rejects.toThrow(sentence)
  })

  test('a turn that is being retried may be called busy or error', async () => {
    const busy = { ...own, class: 'error', retrying: true }
    const lines = [busy, { ...busy, retrying: false }].map((recording) => JSON.stringify(recording))

    const totals = await scoreFiles(library, [fileOf(lines.join('\n'))])

    expect(totals.confusion).toEqual({ 'error→not_agent': ['mine', 'mine'] })
  })
})

function fileOf(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'architect-score-')), 'own.jsonl')
  writeFileSync(file, text)
  return file
}
