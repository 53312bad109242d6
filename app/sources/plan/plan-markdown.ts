import { counted } from '../../core/counted.ts'
import type { MilestonePlan, PlanPhase, PlanTask } from '../../core/milestone-plan.ts'

/** The plan for people, as `<project>_summary.md`. What stands in files is shown as text, whatever it says. */
export function planMarkdown(plan: MilestonePlan): string {
  const { project, root, generated_at, progress, phases, scanned } = plan
  const open = phases.reduce((sum, { tasks }) => sum + tasks.length, 0)
  const lines = [
    `# ${escaped(project)}: what is to be done`,
    '',
    `Generated: ${generated_at}`,
    '',
    `${counted(open, 'task')} in ${code(root)}. Of ${counted(progress.total, 'point or note', 'points and notes')}, ${progress.done} ${progress.done === 1 ? 'is' : 'are'} ticked.`,
    `${scanned.read} of ${counted(scanned.files, 'file was', 'files were')} read.`,
    ...phases.flatMap(phaseLines),
    ...unreadLines(plan),
  ]
  return `${lines.join('\n')}\n`
}

function phaseLines({ title, rule, tasks }: PlanPhase, index: number): string[] {
  if (tasks.length === 0) return []
  return ['', `## ${index + 1}. ${title}`, '', rule, ...tasks.flatMap(taskLines)]
}

/** So that nobody scrolls past a thousand of the same; the JSON has all of them. */
const mostItems = 50

function taskLines({ title, priority, items, file, line }: PlanTask): string[] {
  const more = items.length - mostItems
  return [
    '',
    `### ${escaped(title)}`,
    '',
    `Priority ${priority}, ${code(`${file}:${line}`)}`,
    '',
    ...items
      .slice(0, mostItems)
      .map(
        (item) => `- [${item.done ? 'x' : ' '}] ${escaped(item.text)} (${code(`${item.file}:${item.line}`)})`,
      ),
    ...(more > 0 ? [`- … and ${more} more`] : []),
  ]
}

function unreadLines({ unread, scanned }: MilestonePlan): string[] {
  const countedOnly = [
    scanned.huge > 0 && `${counted(scanned.huge, 'file is', 'files are')} longer than 1 MB`,
    scanned.binary > 0 && `${counted(scanned.binary, 'is', 'are')} no text`,
    scanned.special > 0 &&
      counted(scanned.special, 'is a link or special file', 'are links or special files'),
    scanned.dropped > 0 &&
      `${counted(scanned.dropped, 'note or point is', 'notes or points are')} more than a plan holds`,
  ].filter((line) => line !== false)
  const named = unread.map(({ path, reason }) => `${code(path)}: ${reason}`)
  const lines = [...countedOnly, ...named].map((line) => `- ${line}`)
  return lines.length > 0 ? ['', '## Not read', '', ...lines] : []
}

/** Names may hold anything, a newline too. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  const ticks = '`'.repeat(Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  return ticks.length === 1 ? `\`${line}\`` : `${ticks} ${line} ${ticks}`
}

function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#|~&]/g, String.raw`\$&`)
}
