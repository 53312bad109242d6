import type { KernelFiles } from './files.ts'

/** Where the processor's temperature stands, in thousandths of a degree. */
export function findThermometer(files: KernelFiles): string | null {
  const zones = files.names('sys/class/thermal').filter((name) => name.startsWith('thermal_zone'))
  const typed = zones.map((name) => ({
    path: `sys/class/thermal/${name}/temp`,
    type: files.text(`sys/class/thermal/${name}/type`)?.trim() ?? '',
  }))
  for (const type of zoneTypes) {
    const found = typed.find((zone) => type.test(zone.type) && files.number(zone.path) !== null)
    if (found) return found.path
  }
  for (const name of files.names('sys/class/hwmon')) {
    const folder = `sys/class/hwmon/${name}`
    if (!sensorNames.test(files.text(`${folder}/name`)?.trim() ?? '')) continue
    if (files.number(`${folder}/temp1_input`) !== null) return `${folder}/temp1_input`
  }
  return typed.find(({ path }) => files.number(path) !== null)?.path ?? null
}

/** The likeliest first: the processor itself, then the board. */
const zoneTypes = [/^(cpu|soc|x86_pkg)/i, /cpu/i, /^acpitz$/]
const sensorNames = /^(coretemp|k10temp|zenpower|cpu_thermal|scpi_sensors)$/

/** °C; null for what no processor can have (a sensor that is switched off shows -273 or 0). */
export function readTemperature(files: KernelFiles, thermometer: string | null): number | null {
  const value = thermometer === null ? null : files.number(thermometer)
  if (value === null || value === 0) return null
  const celsius = value / 1000
  return celsius > -50 && celsius < 150 ? Math.round(celsius * 10) / 10 : null
}

/**
 * The Raspberry Pi's own word on its power supply and its heat, as `vcgencmd get_throttled` says it: a number in
 * hexadecimal, without 0x. Kernels that show it no more still tell of too low a voltage by a sensor.
 */
export function readThrottled(files: KernelFiles, path: string | null): number | null {
  const text = path === null ? undefined : files.text(path)?.trim()
  return text !== undefined && /^(0x)?[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : null
}

/** The sensor's alarm is 1 or 0, the same as the lowest of the bits. */
export function findThrottled(files: KernelFiles): string | null {
  const shown = throttledPaths.find((path) => files.has(path))
  if (shown !== undefined) return shown
  const sensor = files
    .names('sys/class/hwmon')
    .map((name) => `sys/class/hwmon/${name}`)
    .find((folder) => files.text(`${folder}/name`)?.trim() === 'rpi_volt')
  return sensor === undefined ? null : `${sensor}/in0_lcrit_alarm`
}

const throttledPaths = [
  'sys/devices/platform/soc/soc:firmware/get_throttled',
  'sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled',
]
