import { answerAsk } from './task-worker/handlers/own-process.ts'

await answerAsk()
