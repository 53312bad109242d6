import express from 'express'
import { expect, test } from 'vitest'
import { listen } from './listen.ts'

test('a connection that the system could not give us ends no server', async () => {
  await using listening = await listen(express(), { host: '127.0.0.1', port: 0 })

  listening.server.emit('error', Object.assign(new Error('accept ENOMEM'), { code: 'ENOMEM' }))
  const { status } = await fetch(`http://127.0.0.1:${listening.port}/`)

  expect(status).toBe(404)
})

test('a port that is taken is said with what to do', async () => {
  await using taken = await listen(express(), { host: '127.0.0.1', port: 0 })

  const again = listen(express(), { host: '127.0.0.1', port: taken.port })

  await expect(again).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('PORT=8081'),
  })
})
