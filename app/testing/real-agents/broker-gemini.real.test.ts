import { afterAll, beforeAll, describe } from 'vitest'
import { basicTexts, testArrival } from './arrival.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'

describe('a real gemini behind the broker', () => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker('gemini')
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  testArrival(() => broker, basicTexts)
})
