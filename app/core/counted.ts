/** `1 prompt`, `1,204 prompts`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

/** `1,204`. */
export function grouped(count: number): string {
  return count.toLocaleString('en')
}
