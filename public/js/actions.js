// Forms that call the API: data-api="post /api/…". Fields become JSON; data-ask asks first; data-done says what
// was done; data-go leads on, with {key} or {key.inner} from the answer; data-show shows a secret that comes only once.
import { request } from './api.js'
import { ask } from './ask.js'
import { refreshAll } from './panels.js'
import { toast } from './toast.js'

document.addEventListener('submit', (event) => {
  const form = event.target
  if (!(form instanceof HTMLFormElement) || !form.dataset.api) return
  event.preventDefault()
  void perform(form, event.submitter)
})

async function perform(form, submitter) {
  const { api, ask: question, askYes, done, go, show } = form.dataset
  if (question && !(await ask(question, askYes ?? 'Yes'))) return
  const [method, address] = api.split(' ')
  const button = submitter ?? form.querySelector('[type=submit]')
  sayIn(form, '')
  try {
    // Before the button is disabled: its own name and value are part of what is sent.
    const body = bodyOf(form, submitter)
    setBusy(button, true)
    const answer = await request(method, address, body)
    if (done) toast(fill(done, answer))
    document.body.dispatchEvent(new CustomEvent('architect:done'))
    if (show && answer[show]) return showOnce(form, show, answer)
    if (show) form.reset()
    if (go)
      return location.assign(
        fill(go, { ...answer, pane: answer.pane_id?.replace('%', '') }, encodeURIComponent),
      )
    form.closest('dialog')?.close()
    refreshAll()
  } catch (error) {
    if (!sayIn(form, error.message)) toast(error.message, 'failed')
  } finally {
    setBusy(button, false)
  }
}

// Fields by their names, `target.session` inside of `target`; what is empty is left out.
// Fields of a data-group are sent together, and only when one of them was changed.
export function bodyOf(form, submitter) {
  const body = {}
  const changed = new Set([...form.elements].filter(isChanged).map(({ dataset }) => dataset.group))
  for (const field of form.elements) {
    if (!field.name || field.disabled || (field.type === 'radio' && !field.checked)) continue
    if (field.type === 'submit' && field !== submitter) continue
    // Of what belongs to another choice, only what is seen is meant.
    if (field.dataset.whenShown !== undefined && !field.checkVisibility()) continue
    if (field.dataset.group && !changed.has(field.dataset.group)) continue
    if (field.dataset.type === 'list' && field.type === 'checkbox') {
      check(body, field)
      continue
    }
    const value = valueOf(field)
    if (value !== undefined) put(body, field.name.split('.'), value)
  }
  return body
}

// Boxes of one name are a list; with data-empty="none" there is no list when none is checked.
function check(body, field) {
  const path = field.name.split('.')
  const list = valueAt(body, field.name)
  if (field.checked) put(body, path, [...(list ?? []), field.value])
  else if (!list && field.dataset.empty !== 'none') put(body, path, [])
}

function isChanged(field) {
  if (!(field instanceof HTMLSelectElement)) return field.value !== field.defaultValue
  const first = [...field.options].findIndex((option) => option.defaultSelected)
  return field.selectedIndex !== Math.max(0, first)
}

const readers = {
  number: (text) => Number(text),
  list: (text) => text.split(/[\s,]+/).filter(Boolean),
  lines: (text) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  moment: (text) => new Date(text).getTime(),
  json: readJson,
}

function readJson(text) {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`This is no JSON: ${error.message}`, { cause: error })
  }
}

// What an empty field says with data-empty; without, nothing.
const whenEmpty = { null: () => null, list: () => [], text: () => '' }

function valueOf(field) {
  if (field.type === 'checkbox') return field.checked
  const { type, empty } = field.dataset
  if (field.value === '') return whenEmpty[empty]?.()
  if (field.value === 'true' && type === 'flag') return true
  if (field.value === 'false' && type === 'flag') return false
  return readers[type]?.(field.value) ?? field.value
}

function put(body, [name, ...rest], value) {
  if (rest.length === 0) body[name] = value
  else put((body[name] ??= {}), rest, value)
}

function fill(text, answer, encode = String) {
  return text.replace(/\{([\w.]+)\}/g, (_, path) => encode(valueAt(answer, path) ?? ''))
}

// `pattern.id` is the id inside of the pattern.
function valueAt(answer, path) {
  return path.split('.').reduce((value, name) => value?.[name], answer)
}

function sayIn(form, message) {
  const place = form.querySelector('[data-failure]')
  if (!place) return false
  place.textContent = message
  place.hidden = message === ''
  return true
}

function setBusy(button, isBusy) {
  if (!button) return
  button.disabled = isBusy
  button.toggleAttribute('data-busy', isBusy)
}

function showOnce(form, key, answer) {
  const place = form.querySelector('[data-secret]')
  place.querySelector('output').textContent = String(answer[key] ?? '')
  place.hidden = false
  for (const field of form.querySelectorAll('[data-before]')) field.hidden = true
  refreshAll()
}

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-copy]')
  if (button) void copy(button)
})

async function copy(button) {
  const from = button.dataset.copyFrom
  const text = from ? document.querySelector(from)?.textContent : button.dataset.copy
  try {
    await navigator.clipboard.writeText(text ?? '')
    toast('Copied.')
  } catch {
    toast('This browser does not allow copying here; select the text instead.', 'failed')
  }
}
