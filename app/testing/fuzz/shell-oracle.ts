import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const fieldEnd = '\u001F'
const recordEnd = '\u001E'

/** Writes down its name and arguments, in one write, because the programs of a pipe run at the same time. */
const recordCall = (name: string) =>
  `call="${name}"; for word; do call="$call${fieldEnd}$word"; done; printf '%s${recordEnd}' "$call" >> "$RECORD"`
const recorder = recordCall('${0##*/}')

/**
 * Real shells, in an empty folder, with a PATH that holds nothing but programs that write down how they were called.
 * What is run here can't reach anything else by name.
 */
export class ShellOracle implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'architect-fuzz-'))
  readonly project = join(this.folder, 'project')
  private readonly programs = join(this.folder, 'programs')
  private runs = 0

  constructor(names: string[]) {
    mkdirSync(this.programs)
    for (const name of names) this.addProgram(name, `#!/bin/sh\n${recorder}\n`)
    this.addProgram('env', '#!/bin/sh\nexec /usr/bin/env "$@"\n')
    this.addProgram('timeout', '#!/bin/sh\nexec /usr/bin/timeout "$@"\n')
    for (const shell of ['bash', 'sh']) this.addProgram(shell, `#!/bin/sh\nexec /bin/${shell} "$@"\n`)
  }

  /** argv of every program that the text called, whether it exists or not (bash only tells of those that don't). */
  run(text: string, shell: 'bash' | 'sh'): string[][] {
    rmSync(this.project, { recursive: true, force: true })
    mkdirSync(this.project)
    const record = join(this.folder, `record-${++this.runs}`)
    writeFileSync(record, '')
    // What runs in the background is waited for, and writes into the record of its own text in any case.
    spawnSync(`/bin/${shell}`, ['-c', `${text}\nwait`], {
      cwd: this.project,
      env: { PATH: this.programs, RECORD: record, HOME: this.folder, ...missing },
      stdio: 'ignore',
      timeout: 5_000,
      killSignal: 'SIGKILL',
    })
    const records = readFileSync(record, 'utf8').split(recordEnd).slice(0, -1)
    rmSync(record)
    return records.map((line) => line.split(fieldEnd))
  }

  [Symbol.dispose](): void {
    if (existsSync(this.folder)) rmSync(this.folder, { recursive: true, force: true })
  }

  private addProgram(name: string, script: string): void {
    writeFileSync(join(this.programs, name), script)
    chmodSync(join(this.programs, name), 0o755)
  }
}

/** bash calls this function for a program that it doesn't find. */
const missing = {
  'BASH_FUNC_command_not_found_handle%%': `() { local call word name="$1"; shift; ${recordCall('$name')}; }`,
}
