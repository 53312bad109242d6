import { tmpdir } from 'node:os'
import { expect, onTestFinished, test, vi } from 'vitest'
import { runProgram } from './program.ts'

test('a program that runs as somebody else can not be ended, and ends no worker', async () => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
  })
  onTestFinished(() => kill.mockRestore())
  const stopping = new AbortController()
  const command = { program: 'sleep', args: ['0.5'], dir: tmpdir(), env: process.env }
  const around = { signal: stopping.signal, mark: 'nobody', onOutput() {}, watch() {}, forget() {} }

  const running = runProgram(command, around)
  stopping.abort()

  expect(await running).toMatchObject({ exitCode: 0, signal: null })
  expect(kill).toHaveBeenCalled()
})
