import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { loadLibrary } from '../../agents/library.ts'
import { recordingFiles } from '../../agents/recordings/load.ts'
import { scoreFiles, type ScoreTotals } from '../../agents/score.ts'
import { packageRoot } from '../../core/paths.ts'
import type { Row } from './results.ts'

const leastShare = 0.99

/** The recorded screens of real agents, read by the rules as `./deploy.sh screens` does. */
export async function benchScreens(): Promise<Row[]> {
  const totals = await scoreFiles(loadLibrary(), recordingFiles())
  const { labelled, statesRight, share, wronglyAccepted } = totals
  return [
    {
      what: `Recorded screens of real agents that are read as labelled, of ${labelled}`,
      measured: `${statesRight} (${(100 * share).toFixed(1)} %)`,
      target: `≥ ${100 * leastShare} %`,
      ok: share >= leastShare,
    },
    undisputed(totals),
    {
      what: '…that are wrongly taken for ready to type',
      measured: wronglyAccepted.length,
      target: '0',
      ok: wronglyAccepted.length === 0,
    },
  ]
}

/** Without those whose screen shows something else than their label says. */
function undisputed({ labelled, confusion }: ScoreTotals): Row {
  const file = join(packageRoot, 'app/agents/recordings/disputed.yaml')
  const disputed = new Set(Object.keys(parse(readFileSync(file, 'utf8')) as object))
  const wrong = Object.values(confusion).flat()
  const wrongly = wrong.filter((id) => !disputed.has(id)).length
  const count = labelled - disputed.size
  return {
    what: `…of the ${count} whose label is not disputed`,
    measured: `${count - wrongly} (${((100 * (count - wrongly)) / count).toFixed(1)} %)`,
    target: `≥ ${100 * leastShare} %`,
    ok: 1 - wrongly / count >= leastShare,
  }
}
