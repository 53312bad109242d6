import { afterAll, beforeAll, describe } from 'vitest'
import { basicTexts, testArrival } from './arrival.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'

describe('a real opencode behind the broker', () => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker('opencode')
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  testArrival(() => broker, basicTexts)
})
