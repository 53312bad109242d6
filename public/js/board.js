// Cards of the board are dragged from column to column; the same is done by the buttons of each card.
import { request } from './api.js'
import { refreshAll } from './panels.js'
import { toast } from './toast.js'

let dragged = null

document.addEventListener('dragstart', (event) => {
  const card = event.target.closest?.('.board-card[draggable=true]')
  if (!card) return
  dragged = card
  card.toggleAttribute('data-dragged', true)
  event.dataTransfer.effectAllowed = 'move'
  event.dataTransfer.setData('text/plain', card.querySelector('.id').textContent)
})

document.addEventListener('dragend', () => {
  dragged?.removeAttribute('data-dragged')
  dragged = null
  over(null)
})

document.addEventListener('dragover', (event) => {
  const column = targetOf(event)
  over(column)
  if (column) event.preventDefault()
})

document.addEventListener('drop', (event) => {
  const column = targetOf(event)
  if (!column) return
  event.preventDefault()
  void move(dragged, column.dataset.status)
})

// Only where the card's life leads.
function targetOf(event) {
  const column = event.target.closest?.('.board-column')
  return dragged && column && dragged.dataset.may.split(' ').includes(column.dataset.status) ? column : null
}

function over(column) {
  for (const each of document.querySelectorAll('.board-column[data-over]')) each.removeAttribute('data-over')
  column?.toggleAttribute('data-over', true)
}

async function move(card, status) {
  const { id, version } = card.dataset
  try {
    const { key } = await request('put', `/api/work/${id}`, { status, version: Number(version) })
    toast(`${key} is moved.`)
  } catch (error) {
    toast(error.message, 'failed')
  }
  refreshAll()
}
