import type { Caller } from './caller.ts'

declare global {
  namespace Express {
    interface Request {
      /** Of this request, in logs and in errors. */
      id: string
      caller: Caller | null
    }
  }
}
