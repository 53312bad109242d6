import { StringDecoder } from 'node:string_decoder'

const pasteStart = '\u001b[200~'
const pasteEnd = '\u001b[201~'
const names = {
  '\r': 'Enter',
  '\n': 'Enter',
  '\u0003': 'C-c',
  '\u0015': 'C-u',
  '\u007f': 'BSpace',
  '\u001b': 'Escape',
  '\u001b[A': 'Up',
  '\u001b[B': 'Down',
  '\u001bOA': 'Up',
  '\u001bOB': 'Down',
}

/** Turns what a terminal sends into pastes, text and named keys; a paste may come in many chunks. */
export function createKeyReader({ onPaste, onText, onKey }) {
  const decoder = new StringDecoder('utf8')
  let pasted = null
  let rest = ''
  return (chunk) => {
    let input = rest + decoder.write(chunk)
    rest = ''
    while (input !== '') {
      if (pasted !== null) {
        const end = input.indexOf(pasteEnd)
        if (end < 0) {
          // The mark of the end may be cut in two.
          const kept = Math.max(0, input.length - pasteEnd.length + 1)
          pasted.push(input.slice(0, kept))
          rest = input.slice(kept)
          return
        }
        onPaste([...pasted, input.slice(0, end)].join(''))
        pasted = null
        input = input.slice(end + pasteEnd.length)
      } else if (input.startsWith(pasteStart)) {
        pasted = []
        input = input.slice(pasteStart.length)
      } else {
        input = readOne(input, { onText, onKey })
      }
    }
  }
}

function readOne(input, { onText, onKey }) {
  const sequence = /^(?:\u001b[[O][0-9;]*[A-Za-z~]|[\u0000-\u001f\u007f])/.exec(input)?.[0]
  if (sequence !== undefined) {
    onKey(names[sequence] ?? sequence)
    return input.slice(sequence.length)
  }
  const text = /^[^\u0000-\u001f\u007f]+/.exec(input)[0]
  onText(text)
  return input.slice(text.length)
}
