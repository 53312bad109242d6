import { afterAll, beforeAll, describe } from 'vitest'
import { basicTexts, testArrival } from './arrival.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'
import { askingArgs } from './situations.ts'
import { testYesAndNo } from './yes-and-no.ts'

describe('a real gemini behind the broker', () => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker('gemini', { args: askingArgs.gemini })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  testArrival(() => broker, basicTexts)
  testYesAndNo(() => broker)
})
