// The charts of a node's page. Drawn by uPlot from columns that the server sends; while the page is looked at and
// shows the last hour, the node sends a sample each second and the charts go on.
import uPlot from '../vendor/uplot.js'
import { request } from './api.js'
import { ask, socket } from './live.js'

const mostPoints = 4_000
const refreshMs = 60_000

let charts = []
let place = null

document.body.addEventListener('htmx:afterSwap', begin)
document.addEventListener('visibilitychange', watch)
socket.on('connect', watch)
socket.on('node:sample', (message) => {
  if (message.node !== Number(place?.dataset.node)) return
  for (const element of document.querySelectorAll('[data-live]')) {
    const value = message.figures[element.dataset.live]
    if (value !== null && value !== undefined)
      element.textContent = `${Math.round(value)} ${element.dataset.unit}`
  }
  if (place.dataset.span === '1h') for (const chart of charts) append(chart, message)
})
new ResizeObserver(fit).observe(document.querySelector('#panel'))
new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ['data-bs-theme'] })
setInterval(() => document.hidden || load(), refreshMs)
begin()

function begin() {
  const found = document.querySelector('.charts')
  if (!found || found === place) return
  place = found
  void load()
  watch()
}

function watch() {
  if (!place || !socket.connected) return
  const node = document.hidden ? null : Number(place.dataset.node)
  ask('node:watch', { node }).catch(() => undefined) // the charts stay as they are until the next load
}

async function load() {
  const { node, span } = place.dataset
  try {
    const series = await request('get', `/api/nodes/${node}/metrics?span=${span}`)
    const isZoomed = charts.some(({ plot }) => plot && plot.isZoomed)
    if (isZoomed) return
    for (const { plot } of charts) plot?.destroy()
    charts = [...place.querySelectorAll('.chart')].map((figure) => draw(figure, series, span))
  } catch {
    // Offline: what is drawn stays; the connection's dot says so.
  }
}

const lengths = { '1h': 3_600, '24h': 86_400, '7d': 7 * 86_400, '90d': 90 * 86_400 }

function draw(figure, series, span) {
  const names = figure.dataset.figures.split(' ')
  const words = figure.dataset.words.split('|')
  const unit = figure.dataset.unit
  const columns = names.map((name) => series.figures[name] ?? { mean: [], highest: [] })
  const isKnown = columns.some(({ mean }) => mean.some((value) => value !== null))
  figure.hidden = !isKnown && !figure.dataset.wanted
  if (figure.hidden) return { figure, names, plot: null }
  const { times, gaps } = withGaps(series, columns)
  const data = [times, ...gaps.flatMap(({ mean, highest }) => [highest, mean])]
  const box = figure.querySelector('.chart-place')
  box.replaceChildren()
  const plot = new uPlot(optionsFor({ words, unit, span, width: box.clientWidth }), data, box)
  say(figure, unit, columns)
  return { figure, names, plot, unit }
}

// Where nothing was measured is a gap in the line, not a slope over it. What is usual is the machine's own: a script
// may report every minute.
function withGaps({ times, step_ms: step }, columns) {
  const out = []
  const gaps = columns.map(() => ({ mean: [], highest: [] }))
  const pauses = times.slice(1).map((at, index) => at - times[index])
  const usual = pauses.toSorted((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? step
  times.forEach((at, index) => {
    if (index > 0 && at - times[index - 1] > 2.5 * Math.max(step, usual)) {
      out.push((times[index - 1] + step) / 1000)
      for (const each of gaps) for (const column of [each.mean, each.highest]) column.push(null)
    }
    out.push(at / 1000)
    columns.forEach(({ mean, highest }, which) => {
      gaps[which].mean.push(mean[index])
      gaps[which].highest.push(highest[index])
    })
  })
  return { times: out, gaps }
}

function optionsFor({ words, unit, span, width }) {
  const [first, second] = ['--accent', '--green'].map(colour)
  const lines = words.flatMap((word, index) => {
    const stroke = index === 0 ? first : second
    return [
      {
        label: `${word}, highest`,
        stroke: 'transparent',
        fill: `${stroke}22`,
        value: shown,
        points: { show: false },
      },
      { label: word, stroke, width: 1.5, value: shown, points: { show: false } },
    ]
  })
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  }
  const now = Date.now() / 1000
  return {
    width: Math.max(200, width),
    height: 140,
    cursor: { sync: { key: 'node' }, drag: { x: true, y: false } },
    legend: { show: true, live: true },
    scales: {
      x: {
        time: true,
        range: (plot, low, high) =>
          plot.isZoomed ? [low, high] : [now - lengths[span], Math.max(now, high ?? now)],
      },
      y: { range: rangeFor(unit) },
    },
    axes: [
      {
        ...axis,
        size: 28,
        space: 60,
        values: (_, splits, _axis, _space, step) => splits.map((at) => inWords(at, step)),
      },
      { ...axis, size: 52, values: (_, values) => values.map(shortened) },
    ],
    series: [{ value: (_, at) => (at === null ? '' : new Date(at * 1000).toLocaleString()) }, ...lines],
    hooks: {
      setSelect: [(plot) => zoom(plot, plot.select.width > 0)],
      ready: [(plot) => plot.over.addEventListener('dblclick', () => zoom(plot, false))],
    },
  }
  function shown(_, value) {
    return value === null || value === undefined
      ? ''
      : `${shortened(value)}${unit === 'B' || unit === 'B/s' ? '' : ` ${unit}`}`
  }
}

// While somebody looks closer, nothing moves.
function zoom(plot, isZoomed) {
  plot.isZoomed = isZoomed
  plot.root.closest('.chart').toggleAttribute('data-zoomed', isZoomed)
}

// Percent from 0 to 100, so that charts of several machines compare; others as they need.
function rangeFor(unit) {
  return (_, low, high) => {
    if (unit === '%') return [0, 100]
    if (unit === '°C') return [Math.min(20, low ?? 20), Math.max(90, high ?? 90)]
    return [0, Math.max(unit === '' ? 1 : 10, (high ?? 1) * 1.1)]
  }
}

function append({ figure, names, plot, unit }, { at, figures }) {
  if (!plot || plot.isZoomed) return
  const data = plot.data.map((column) => column.slice(-mostPoints))
  const last = data[0].at(-1) ?? 0
  if (at / 1000 <= last) return
  data[0].push(at / 1000)
  names.forEach((name, index) => {
    data[1 + 2 * index].push(figures[name] ?? null)
    data[2 + 2 * index].push(figures[name] ?? null)
  })
  plot.setData(data)
  say(
    figure,
    unit,
    names.map((name) => ({ mean: [figures[name] ?? null] })),
  )
}

// The newest value stands beside the title, for those who don't see the line as well.
function say(figure, unit, columns) {
  const values = columns
    .map(({ mean }) => mean.at(-1))
    .filter((value) => value !== null && value !== undefined)
  const suffix =
    unit === 'B' || unit === 'B/s' || unit === '' ? '' : unit === '% of a core' ? ' %' : ` ${unit}`
  figure.querySelector('.chart-now').textContent = values
    .map((value) => shortened(value) + suffix)
    .join(' · ')
}

function shortened(value) {
  if (value === null || value === undefined) return ''
  const size = Math.abs(value)
  if (size >= 1e9) return `${(value / 1e9).toFixed(1)}G`
  if (size >= 1e6) return `${(value / 1e6).toFixed(1)}M`
  if (size >= 1e4) return `${(value / 1e3).toFixed(0)}k`
  return Number.isInteger(value) ? String(value) : value.toFixed(size < 10 ? 2 : 1)
}

// On an axis: the hour, or the day where steps are days.
function inWords(at, step) {
  const moment = new Date(at * 1000)
  const day = { day: 'numeric', month: 'short' }
  if (step >= 86_400) return moment.toLocaleDateString([], day)
  const time = moment.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false })
  return time === '00:00' ? moment.toLocaleDateString([], day) : time
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function fit() {
  for (const { figure, plot } of charts) {
    const width = figure.querySelector('.chart-place').clientWidth
    if (plot && width > 0 && Math.abs(plot.width - width) > 1) plot.setSize({ width, height: plot.height })
  }
}

function recolour() {
  void load()
}
