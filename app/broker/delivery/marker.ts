/*
 * The marker is a pane option that tmux writes in the same command list as the keys: the durable truth about
 * what a pane received. It names the attempt by its random token, so that neither another pane's nor another
 * database's attempt is ever taken for ours.
 */

export type MarkedPhase = 'typed' | 'entered'

export interface Marker {
  phase: MarkedPhase
  token: string
  /** Which Enter this was, from 1; 0 while only typed. */
  enters: number
  /** Of the pane's lease under which the step was done: a guard that saw an earlier writer's marker refuses. */
  epoch: number
}

export function writeMarker({ phase, token, enters, epoch }: Marker): string {
  return `${phase}.${token}.${enters}.${epoch}`
}

/** What the marker says about this attempt; null when it is another's, or nobody's. */
export function readMarker(marker: string, token: string): Marker | null {
  const [phase, owner, enters, epoch] = deliveryPart(marker).split('.')
  if (owner !== token || (phase !== 'typed' && phase !== 'entered')) return null
  return { phase, token, enters: Number(enters) || 0, epoch: Number(epoch) || 0 }
}

/** The same marker under the epoch of a new writer, or one that names no attempt where there was none. */
export function fenceMarker(marker: string, epoch: number): string {
  const [phase, token, enters] = deliveryPart(marker).split('.')
  const answer = marker.slice(deliveryPart(marker).length)
  if (enters === undefined) return `person..0.${epoch}${answer}`
  return `${phase}.${token}.${enters}.${epoch}${answer}`
}

/** How far the answer to a dialog got: the selection moved, words of one's own typed, or the key that answers. */
export type AnswerPhase = 'moved' | 'typed' | 'pressed'

/**
 * The marker with the answer to a dialog behind the delivery in whose turn it was asked; that one stays. `turned` are
 * the boxes whose keys this answer has pressed, this one's included: a second press would undo the first.
 */
export function markAnswer(
  marker: string,
  phase: AnswerPhase,
  token: string,
  turned: Iterable<number> = [],
): string {
  const boxes = [...turned]
  return `${deliveryPart(marker)}/${phase}.${token}${boxes.length > 0 ? `.${boxes.join('-')}` : ''}`
}

/** What the marker says about this answer; null when it is another's, or nobody's. */
export function readAnswer(marker: string, token: string): { phase: AnswerPhase; turned: number[] } | null {
  const [phase, owner, boxes] = marker.slice(deliveryPart(marker).length + 1).split('.')
  if (owner !== token || (phase !== 'moved' && phase !== 'typed' && phase !== 'pressed')) return null
  return { phase, turned: boxes === undefined ? [] : boxes.split('-').map(Number) }
}

function deliveryPart(marker: string): string {
  return marker.split('/')[0] ?? ''
}
