import { expect, test } from 'vitest'
import { startBroker } from '../broker.ts'

test.concurrent('a prompt for an idle agent arrives once, and its answer is kept', async () => {
  await using broker = await startBroker()

  const id = await broker.send('Say hello')
  const { prompt, attempts } = await broker.settled(id)

  expect(prompt.state).toBe('completed')
  expect(attempts).toMatchObject([{ phase: 'submitted', outcome: 'completed', sessionName: 'a' }])
  expect(attempts[0]!.answer).toContain('Done: 9 characters')
  expect(await broker.agent('a').prompts()).toEqual(['Say hello'])
})
