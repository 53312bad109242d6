import { benchClaims, benchCycles } from './queue.ts'

for (const { name, value, baseline, ratio } of [...(await benchCycles()), ...(await benchClaims())]) {
  console.log([name, value, baseline, ratio].join(' | '))
}
