import { figureNames, type Figures } from '../../core/metric-figures.ts'

/** For each figure: of how many samples, their mean and the highest; floats of 32 bits, 12 bytes a figure. */
export interface Gathered {
  counts: Float32Array
  means: Float32Array
  highest: Float32Array
}

const width = figureNames.length

export function nothingGathered(): Gathered {
  return {
    counts: new Float32Array(width),
    means: new Float32Array(width),
    highest: new Float32Array(width),
  }
}

/** Adds one sample; what it doesn't know leaves the rest as it is. */
export function gather({ counts, means, highest }: Gathered, figures: Figures): void {
  figures.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) return
    const count = counts[index]!
    counts[index] = count + 1
    means[index] = means[index]! + (value - means[index]!) / (count + 1)
    highest[index] = count === 0 ? value : Math.max(highest[index]!, value)
  })
}

export function packGathered({ counts, means, highest }: Gathered): Buffer {
  const bytes = Buffer.alloc(width * 12)
  for (let index = 0; index < width; index += 1) {
    bytes.writeFloatLE(counts[index]!, index * 12)
    bytes.writeFloatLE(means[index]!, index * 12 + 4)
    bytes.writeFloatLE(highest[index]!, index * 12 + 8)
  }
  return bytes
}

/** One figure of what was packed; null: unknown there. */
export function readFigure(bytes: Buffer, index: number): { mean: number; highest: number } | null {
  const at = index * 12
  if (at + 12 > bytes.length || bytes.readFloatLE(at) === 0) return null
  return { mean: bytes.readFloatLE(at + 4), highest: bytes.readFloatLE(at + 8) }
}

/** What was stored when there were fewer figures is unknown in the new ones. */
export function unpackGathered(bytes: Buffer): Gathered {
  const gathered = nothingGathered()
  const stored = Math.min(width, Math.floor(bytes.length / 12))
  for (let index = 0; index < stored; index += 1) {
    gathered.counts[index] = bytes.readFloatLE(index * 12)
    gathered.means[index] = bytes.readFloatLE(index * 12 + 4)
    gathered.highest[index] = bytes.readFloatLE(index * 12 + 8)
  }
  return gathered
}
