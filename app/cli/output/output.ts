import { paletteFor, type Palette } from './colour.ts'
import { renderTable, type Column } from './table.ts'

/** Where a command writes: tables and sentences for people, or JSON for programs. */
export interface Output {
  readonly json: boolean
  readonly palette: Palette
  /** Cells of a line; without a terminal, lines are not cut. */
  readonly width: number
  line(text?: string): void
  table<Row>(rows: Row[], columns: Column<Row>[]): void
  /** One JSON document; in a pipe it is one line. */
  document(value: unknown): void
  /** A remark that is not part of the data: stderr. */
  remark(text: string): void
}

/** `write` takes whole lines; the terminal gives its own, so that a line being typed stays whole. */
export function openOutput(options: { json?: boolean } = {}, write?: (line: string) => void): Output {
  const width = process.stdout.isTTY ? process.stdout.columns : Number.MAX_SAFE_INTEGER
  const line = (text = '') => (write ? write(text) : void process.stdout.write(`${text}\n`))
  return {
    json: options.json ?? false,
    palette: paletteFor(process.stdout, process.env),
    width,
    line,
    table: (rows, columns) => renderTable(rows, columns, width).forEach((row) => line(row)),
    document: (value) => line(JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0)),
    remark: (text) => (write ? write(text) : void process.stderr.write(`${text}\n`)),
  }
}
