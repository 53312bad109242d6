// Whether somebody holds a button of the mouse, a pen or a finger down. What moves on the page meanwhile would take
// their click away, or give it to what came in its place.

let isPressed = false
const listeners = []

addEventListener('pointerdown', () => (isPressed = true), true)
// A release over another window, or over the list of a select, is told to nobody; the next movement shows it.
addEventListener('pointermove', (event) => isPressed && event.buttons === 0 && released(), true)
for (const type of ['pointerup', 'pointercancel', 'blur']) addEventListener(type, released, true)

// The click itself comes behind its pointerup.
function released() {
  setTimeout(() => {
    isPressed = false
    for (const listener of listeners) listener()
  })
}

export function isPointerDown() {
  return isPressed
}

/** Is called each time that nothing is held any more. */
export function onReleased(listener) {
  listeners.push(listener)
}
