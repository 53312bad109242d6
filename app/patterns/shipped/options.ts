/** Whether one of these options is given, also abbreviated (`--forc`), with a value, or among other letters (`-xfd`). */
export function hasOption(args: (string | null)[], ...options: string[]): boolean {
  return args.some((arg) => arg !== null && options.some((option) => isOption(arg, option)))
}

function isOption(arg: string, option: string): boolean {
  if (arg === option) return true
  if (option.startsWith('--')) {
    const name = arg.split('=')[0] ?? ''
    return name.length > 2 && name.startsWith('--') && option.startsWith(name)
  }
  if (option.length > 2) return arg.startsWith(`${option}=`)
  return /^-[^-]/.test(arg) && arg.split('=')[0]!.includes(option[1]!)
}

/** What is no option. */
export function operandsOf(args: (string | null)[]): string[] {
  return args.filter((arg) => arg !== null && (arg === '-' || !arg.startsWith('-'))) as string[]
}
