import { afterEach, describe, expect, test } from 'vitest'
import { figuresOf, figureNames, type FigureName } from '../../app/core/metric-figures.ts'
import { metricSampleSchema } from '../../app/core/metric-schema.ts'
import type { MetricSample } from '../../app/core/metric-sample.ts'
import { emptySample } from '../../app/testing/empty-sample.ts'
import { unpackTree, type RecordedTree } from '../../app/testing/recorded-tree.ts'
import { readInventory } from './inventory.ts'
import { MetricReader } from './read.ts'

const trees: RecordedTree[] = []
afterEach(() => {
  for (const tree of trees.splice(0)) tree[Symbol.dispose]()
})

/** A recorded machine and its reader, whose time runs when the test says so. */
function machine(name: string) {
  const tree = unpackTree(name)
  trees.push(tree)
  const time = { monotonic: 0, wall: 1_700_000_000_000 }
  const asked: string[] = []
  const reader = new MetricReader({
    root: tree.root,
    monotonic: () => time.monotonic,
    now: () => time.wall,
    statFs: (path) => {
      asked.push(path)
      return Promise.resolve({ bsize: 4096, blocks: 1000, bfree: 300, bavail: 200 })
    },
  })
  return { tree, time, asked, reader }
}

const figure = (sample: MetricSample, name: FigureName) => figuresOf(sample)[figureNames.indexOf(name)]

describe('a Raspberry Pi 4 with a weak power supply', () => {
  test('memory, load, uptime, temperature and what its firmware says', async () => {
    const { reader } = machine('pi-4')

    const sample = await reader.read()

    expect(sample).toMatchObject({
      at: 1_700_000_000_000,
      cpu: null,
      net: null,
      load: [0.42, 0.31, 0.2],
      up: 93_784.11,
      mem: [1_174_180 * 1024, 3_884_360 * 1024],
      swap: [20_480 * 1024, 102_396 * 1024],
      temp: 61.3,
      pi: 0x50005,
    })
    expect(figure(sample, 'under_voltage')).toBe(1)
    expect(figure(sample, 'throttled')).toBe(1)
    expect(metricSampleSchema.parse(JSON.parse(JSON.stringify(sample)))).toEqual(sample)
  })

  test('what was wrong since the start and is not any more is not wrong now', async () => {
    const { reader, tree } = machine('pi-4')
    tree.write('sys/devices/platform/soc/soc:firmware/get_throttled', '50000\n')

    const sample = await reader.read()

    expect(sample.pi).toBe(0x50000)
    expect(figure(sample, 'under_voltage')).toBe(0)
    expect(figure(sample, 'throttled')).toBe(0)
  })

  test('processor and network are those since the look before', async () => {
    const { reader, tree, time } = machine('pi-4')
    await reader.read()
    time.monotonic += 10_000
    tree.write('proc/stat', 'cpu  100700 200 30200 802900 4100 0 600 0 0 0\n')
    tree.write(
      'proc/net/dev',
      'x\nx\n  eth0: 900050000 1 0 0 0 0 0 0 50020000 1 0 0 0 0 0 0\ndocker0: 99999999 1 0 0 0 0 0 0 99999999 1 0 0 0 0 0 0\n',
    )

    const sample = await reader.read()

    // 900 of 3,900 jiffies; waiting for the SD card is no work.
    expect(sample.cpu).toBeCloseTo(23.1, 1)
    expect(sample.net).toEqual([5_000, 2_000])
  })

  test('counters that began anew make no figure, and the next look does again', async () => {
    const { reader, tree, time } = machine('pi-4')
    await reader.read()
    time.monotonic += 10_000
    tree.write('proc/stat', 'cpu  100 0 100 1000 0 0 0 0 0 0\n')
    tree.write('proc/net/dev', 'x\nx\n  eth0: 500 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0\n')

    const reset = await reader.read()
    time.monotonic += 10_000
    tree.write('proc/stat', 'cpu  150 0 150 1100 0 0 0 0 0 0\n')
    tree.write('proc/net/dev', 'x\nx\n  eth0: 1500 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0\n')
    const next = await reader.read()

    expect(reset).toMatchObject({ cpu: null, net: null })
    expect(next).toMatchObject({ cpu: 50, net: [100, 0] })
  })

  test('a clock that is set an hour back changes no rate', async () => {
    const { reader, tree, time } = machine('pi-4')
    await reader.read()
    time.monotonic += 10_000
    time.wall -= 3_600_000
    tree.write('proc/net/dev', 'x\nx\n  eth0: 900050000 1 0 0 0 0 0 0 50020000 1 0 0 0 0 0 0\n')

    expect((await reader.read()).net).toEqual([5_000, 2_000])
  })

  test('its own disks are asked once a minute, each once, and never a network’s', async () => {
    const { reader, time, asked } = machine('pi-4')

    const { disks } = await reader.read()
    time.monotonic += 30_000
    await reader.read()

    expect(asked).toEqual(['/', '/mnt/usb disk', '/boot/firmware'])
    expect(disks[0]).toEqual(['/', 700 * 4096, 900 * 4096])
    time.monotonic += 31_000
    await reader.read()
    expect(asked).toHaveLength(6)
  })

  test('a session counts with everything that runs in it, whichever thread started it', async () => {
    const { reader, tree, time } = machine('pi-4')
    const sessions = [
      { key: 'default/%1', pid: 1000 },
      { key: 'default/%2', pid: 1100 },
      { key: 'default/%3', pid: 4711 },
    ]
    await reader.read(sessions)
    time.monotonic += 10_000
    const before = '1002 (a (b) c) S 1001 1 1 0 1 0 0 0 0 0 7 3 0 0 20 0 1 0 7000 1 200'
    tree.write('proc/1002/stat', before.replace(' 7 3 0 0 ', ' 250 10 0 0 '))

    const sample = await reader.read(sessions)

    // 250 ticks of 1/100 s in 10 s.
    expect(sample.sessions).toEqual([
      ['default/%1', 25, 51_000 * 4096],
      ['default/%2', 0, 700 * 4096],
    ])
    expect(sample.tmux).toEqual([0, 900 * 4096])
  })

  test('a process that ended takes its time with it, and that is no negative work', async () => {
    const { reader, tree, time } = machine('pi-4')
    await reader.read([{ key: 'a', pid: 1000 }])
    time.monotonic += 10_000
    tree.remove('proc/1001')

    expect((await reader.read([{ key: 'a', pid: 1000 }])).sessions).toEqual([['a', 0, 800 * 4096]])
  })

  test('a pane whose number another process has now begins anew', async () => {
    const { reader, time } = machine('pi-4')
    await reader.read([{ key: 'a', pid: 1100 }])
    time.monotonic += 10_000

    expect((await reader.read([{ key: 'a', pid: 1000 }])).sessions).toEqual([['a', null, 51_000 * 4096]])
  })
})

describe('other machines', () => {
  test('a Raspberry Pi 5: pages of 16 KiB, its processor among other thermometers, and only a voltage alarm', async () => {
    const { tree } = machine('pi-5')
    const word = (value: bigint) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigUInt64LE(value)
      return bytes
    }
    tree.write('proc/self/auxv', Buffer.concat([6n, 16_384n, 17n, 100n, 0n, 0n].map(word)))

    const sample = await new MetricReader({ root: tree.root }).read([{ key: 'a', pid: 1001 }])

    expect(sample).toMatchObject({ temp: 84.5, pi: 1, sessions: [['a', null, 50_000 * 16_384]] })
  })

  test('a PC in a container: the sensor of its processor, an old kernel’s memory, its one interface', async () => {
    const { reader, time, tree } = machine('pc')

    const sample = await reader.read()
    time.monotonic += 1_000
    tree.write('proc/net/dev', 'x\nx\n  eth0: 900001000 1 0 0 0 0 0 0 50000000 1 0 0 0 0 0 0\n')

    expect(sample).toMatchObject({ temp: 55.3, pi: null, swap: null, tmux: null })
    expect(sample.mem).toEqual([(32_884_360 - 912_344 - 104_180 - 1_743_028) * 1024, 32_884_360 * 1024])
    expect(sample.disks.map(([mount]) => mount)).toEqual(['/'])
    expect((await reader.read()).net).toEqual([1_000, 0])
  })

  test('a machine that shows nothing is a sample without figures', async () => {
    const { tree } = machine('pc')
    tree.remove('proc')
    tree.remove('sys')

    const sample = await new MetricReader({ root: tree.root, now: () => 1 }).read([{ key: 'a', pid: 1 }])

    expect(sample).toEqual(emptySample(1))
  })

  test('files full of nonsense are a sample without figures, too', async () => {
    const { tree, reader } = machine('pi-4')
    for (const path of ['proc/stat', 'proc/loadavg', 'proc/uptime', 'proc/meminfo', 'proc/net/dev']) {
      tree.write(path, 'cpu  x y\n:::\n\0')
    }
    tree.write('sys/class/thermal/thermal_zone0/temp', '-273000\n')
    tree.write('sys/devices/platform/soc/soc:firmware/get_throttled', 'zz\n')

    expect(await reader.read()).toMatchObject({
      cpu: null,
      load: null,
      mem: null,
      net: null,
      temp: null,
      pi: null,
    })
  })

  test('this machine itself', async () => {
    const reader = new MetricReader()
    await reader.read()

    const sample = await reader.read([{ key: 'own', pid: process.pid }])

    expect(metricSampleSchema.safeParse(sample).error).toBeUndefined()
    expect(sample.mem![1]).toBeGreaterThan(1e8)
    expect(sample.agent![1]).toBeGreaterThan(1e7)
    expect(sample.sessions[0]![2]).toBeGreaterThan(1e7)
    expect(sample.disks.length).toBeGreaterThan(0)
  })

  test('the inventory of this machine', async () => {
    const facts = await readInventory()

    expect(facts).toMatchObject({ hostname: expect.any(String), memoryBytes: expect.any(Number) })
    expect(facts.os).toMatch(/\w/)
    expect(facts.cpus).toBeGreaterThan(0)
  })
})
