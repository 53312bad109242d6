import { AppError } from '../../core/errors.ts'
import { ownWordsBox, type InteractionAnswer } from '../../core/interaction.ts'
import { normalisePromptText } from '../../core/prompt-text.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'

/**
 * What a person says: yes, no, one of the options (from 1), or words of their own. Of a question with boxes, several
 * options and words: those shall be ticked, and no other.
 */
export type Wish =
  | { say: 'approve' | 'deny' }
  | { option: number | readonly number[]; text?: string }
  | { text: string }

type Asked = Pick<StoredInteraction, 'options' | 'question'>
type Options = Asked['options']

/** Throws `invalid` when the dialog has no such option, or takes no such answer. */
export function answerOf(asked: Asked, wish: Wish): InteractionAnswer {
  const { options } = asked
  if ('say' in wish) return wish.say === 'approve' ? yesOf(options) : noOf(options)
  const chosen = 'option' in wish ? [...new Set([wish.option].flat())] : []
  for (const number of chosen) refuseMissing(options, number)
  const isOneWithoutBox = chosen.length === 1 && chosen.every((number) => !isBox(options[number - 1]))
  if (options.some(isBox) && !isOneWithoutBox) return boxesOf(asked, chosen, wish.text)
  return oneOf(asked, chosen, wish.text)
}

function refuseMissing(options: Options, number: number) {
  if (options[number - 1]) return
  throw new AppError('invalid', `There is no option ${number}; there are ${numbered(options)}.`)
}

function isBox(option: Options[number] | undefined): boolean {
  return option?.ticked !== undefined
}

function boxesOf({ options }: Asked, chosen: number[], words: string | undefined): InteractionAnswer {
  const strange = chosen.find((number) => !isBox(options[number - 1]))
  if (strange !== undefined) {
    throw new AppError('invalid', `Option ${strange} has no box; it can be chosen alone.`)
  }
  const own = ownWordsBox(options)
  const others = chosen.map((number) => number - 1).filter((index) => index !== own)
  if (words === undefined && others.length < chosen.length) {
    throw new AppError('invalid', `Option ${own + 1} is for words of your own: say which.`)
  }
  if (chosen.length === 0 && words === undefined) throw new AppError('invalid', 'Name one option at least.')
  const text = words === undefined ? null : normalised(words)
  const boxes = (text === null ? others : [...others, own]).toSorted((a, b) => a - b)
  return { meaning: 'answer', option: null, text, boxes }
}

function oneOf(asked: Asked, chosen: number[], words: string | undefined): InteractionAnswer {
  const { options, question } = asked
  const [only, ...more] = chosen
  if (only === undefined) return wordsOf(asked, words ?? '')
  if (more.length > 0) {
    throw new AppError('invalid', `"${question}" takes one option; choose one of ${numbered(options)}.`)
  }
  if (words !== undefined) {
    throw new AppError('invalid', `"${question}" takes an option or words of your own, not both.`)
  }
  return { meaning: options[only - 1]!.meaning, option: only - 1, text: null }
}

function wordsOf({ options, question }: Asked, words: string): InteractionAnswer {
  // The agent puts it below what the model offers, which may begin with the same words.
  const free = options.findLastIndex(
    ({ label, meaning }) => meaning === 'answer' && /^(?:(?:Type|Enter) |None of the above\b)/.test(label),
  )
  if (free < 0) {
    throw new AppError(
      'invalid',
      `"${question}" takes no words of your own; choose one of ${numbered(options)}.`,
    )
  }
  return { meaning: 'answer', option: free, text: normalised(words) }
}

/** On one line: the row for words of one's own has no more, and a line's end would answer with what stands before it. */
function normalised(words: string): string {
  return normalisePromptText(words, { agentCommand: true }).replaceAll(/\s*\n\s*/g, ' ')
}

function yesOf(options: Options): InteractionAnswer {
  const option = options.findIndex(({ meaning }) => meaning === 'allow_once')
  if (option < 0) {
    throw new AppError('invalid', `It offers no plain yes; choose one of ${numbered(options)}.`)
  }
  return { meaning: 'allow_once', option, text: null }
}

/** Where no option says no, Escape does. */
function noOf(options: Options): InteractionAnswer {
  const option = options.findIndex(({ meaning }) => meaning === 'deny')
  return { meaning: 'deny', option: option < 0 ? null : option, text: null }
}

function numbered(options: Options): string {
  if (options.length === 0) return 'none that could be read: answer in the pane'
  return options.map(({ label }, index) => `${index + 1} (${label})`).join(', ')
}
