// Everything that every page needs; each module sets itself up.
import './panels.js'
import './times.js'
import './actions.js'
import './try-rule.js'
import './dialogs.js'
import './keys.js'
import './palette.js'
import './login-time.js'
import './menus.js'
import './live.js'
import './notify.js'
import './screens.js'
import './scrubber.js'

const page = document.querySelector('#panel')
if (page?.classList.contains('panel-session')) await import('./terminal.js')
if (page?.classList.contains('panel-node')) await import('./node.js')
if (page?.classList.contains('panel-task')) await import('./task-log.js')
if (page?.classList.contains('panel-board')) await import('./board.js')
