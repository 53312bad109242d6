import type { Generated, GeneratedAlways, Kysely } from 'kysely'
import type { Actor } from '../core/account.ts'
import type { AttemptOutcome, AttemptPhase, GitChanges, GitState } from '../core/attempt.ts'
import type { Role, Scope } from '../core/account.ts'
import type { EpochMs } from '../core/clock.ts'
import type {
  DecidedBy,
  InteractionAnswer,
  InteractionInput,
  InteractionKind,
  InteractionOption,
  InteractionState,
  SessionWish,
  Tool,
} from '../core/interaction.ts'
import type { Conditions, Decision, Effect, PatternState } from '../core/pattern.ts'
import type { Noun } from '../core/event.ts'
import type {
  Hold,
  PromptContext,
  PromptId,
  PromptState,
  ReportState,
  Review,
  Target,
} from '../core/prompt.ts'
import type { HumanTaskState } from '../core/human-task.ts'
import type { NodeFacts, NodeKind, NodeLimits, NodeSsh, NodeState } from '../core/node.ts'
import type { AlertKind } from '../core/node-alert.ts'
import type { ChannelKind, NoticeKind, Try } from '../core/notification.ts'
import type { KeyKind, SecretCategory, VaultAction } from '../core/secret.ts'
import type { ErrorState, SampleKind } from '../core/reported-error.ts'
import type { MilestoneStatus } from '../core/milestone.ts'
import type { ProjectStatus } from '../core/project.ts'
import type { SuggestionSource, SuggestionState, SuggestionTarget } from '../core/suggestion.ts'
import type { ServiceAccountStatus } from '../core/service-account.ts'
import type { TestResult } from '../core/test-suite.ts'
import type { LinkKind, LinkRelation, Severity, WorkKind, WorkStatus } from '../core/work.ts'
import type { ScheduledTask } from '../core/schedule.ts'
import type { Evidence, SessionState } from '../core/session.ts'
import type { RunOutcome, TaskHold, TaskState, TaskType } from '../core/task.ts'
import type { Flag, Json } from './columns.ts'

/** A connection, or a transaction on one: repository functions take either. */
export type Db = Kysely<Schema>

/** The tables as they are stored; the views of `app/core` are made from them by each noun's file. */
export interface Schema {
  targets: TargetRow
  prompts: PromptRow
  prompt_dependencies: { prompt_id: number; depends_on: number }
  attempts: AttemptRow
  events: EventRow
  sessions: SessionRow
  session_settings: SessionSettingsRow
  controls: { id: number; paused: Flag; draining: Flag; reason: string | null; changed_at: EpochMs }
  processes: ProcessRow
  pane_leases: { pane_key: string; owner: string; epoch: number; until: EpochMs }
  users: UserRow
  browser_sessions: BrowserSessionRow
  tokens: TokenRow
  session_tokens: SessionTokenRow
  session_usage: SessionUsageRow
  login_failures: LoginFailureRow
  locks: LockRow
  lock_files: { lock_id: number; path: string; locked_at: EpochMs }
  human_tasks: HumanTaskRow
  notification_channels: ChannelRow
  notices: NoticeRow
  deliveries: DeliveryRow
  event_cursors: { name: string; cursor: number }
  settings: { key: string; value: Json<unknown>; updated_at: EpochMs }
  interactions: InteractionRow
  patterns: PatternRow
  pattern_versions: PatternVersionRow
  nodes: NodeRow
  node_keys: NodeKeyRow
  join_tokens: JoinTokenRow
  node_alerts: NodeAlertRow
  errors: ErrorRow
  error_groups: ErrorGroupRow
  error_nodes: ErrorNodeRow
  error_hours: { group_id: number; hour: EpochMs; count: number }
  error_samples: ErrorSampleRow
  error_refusals: ErrorRefusalRow
  projects: ProjectRow
  milestones: MilestoneRow
  work_items: WorkItemRow
  test_runs: TestRunRow
  suggestions: SuggestionRow
  work_links: WorkLinkRow
  work_comments: WorkCommentRow
  /** Only on PostgreSQL; beside SQLite in a file of its own. */
  node_metrics: NodeMetricsRow
  vault: VaultRow
  vault_keys: VaultKeyRow
  secrets: SecretRow
  secret_versions: SecretVersionRow
  vault_audit: VaultAuditRow
  task_queue: TaskRow
  task_runs: TaskRunRow
  task_logs: { run_id: number; at: number; bytes: number; text: string }
  task_pauses: { type: string; at: EpochMs; by_whom: string }
  workers: WorkerRow
  schedules: ScheduleRow
  service_accounts: ServiceAccountRow
  ssh_keys: SshKeyRow
  schema_migrations: { name: string; applied_at: EpochMs }
}

/** Each distinct target once; a claim looks at the head of each fitting target's own short queue. */
export interface TargetRow {
  id: Generated<number>
  key: string
  /** The most selective field, as `routeOf` writes it: `session:web`, `any`. */
  route: string
  session: string | null
  agent: string | null
  tier: string | null
  tag: string | null
  dir: string | null
  node: string | null
  manager: Generated<string | null>
}

export interface PromptRow {
  id: Generated<number>
  state: PromptState
  content: string
  priority: number
  target: Json<Target>
  target_id: number
  timeout_minutes: number
  max_retries: number
  retry_count: Generated<number>
  metadata: Json<Record<string, unknown>>
  created_at: EpochMs
  enqueued_at: EpochMs
  /** `sortKey(enqueued_at, priority)`, kept by the database itself. */
  sort_key: GeneratedAlways<number>
  hold: Hold | null
  wake_at: EpochMs | null
  expires_at: EpochMs | null
  idempotency_key: string | null
  after_ids: Json<PromptId[]>
  context: PromptContext
  follow_up_of: number | null
  agent_command: Flag
  repeatable: Flag
  waiting_for: Generated<string | null>
  skips: Generated<number>
  attention: Generated<string | null>
  interrupt_requested_at: Generated<EpochMs | null>
  session_key: Generated<string | null>
  session_name: Generated<string | null>
  attempts: Generated<number>
  started_at: Generated<EpochMs | null>
  ended_at: Generated<EpochMs | null>
  reason: Generated<string | null>
  requires_follow_up: Generated<Flag>
  version: Generated<number>
  kind: Generated<string | null>
  parent_id: Generated<number | null>
  depth: Generated<number>
  /** `node/name` of the session that sent it. */
  sent_by: Generated<string | null>
  report: Generated<ReportState | null>
  /** Somebody waits for its end until then; renewed while that lasts. */
  awaited_until: Generated<EpochMs | null>
  review: Generated<Review | null>
  review_comment: Generated<string | null>
  reviewed_at: Generated<EpochMs | null>
  next_text: Generated<string | null>
  first_target: Generated<Json<Target> | null>
}

export interface AttemptRow {
  id: Generated<number>
  prompt_id: number
  number: number
  text: Generated<string | null>
  token: string
  session_key: string
  session_name: string
  agent: string
  generation: string
  phase: AttemptPhase
  outcome: Generated<AttemptOutcome | null>
  reason: Generated<string | null>
  claimed_at: EpochMs
  typed_at: Generated<EpochMs | null>
  entered_at: Generated<EpochMs | null>
  submitted_at: Generated<EpochMs | null>
  ended_at: Generated<EpochMs | null>
  paused_ms: Generated<number>
  lease_owner: string
  lease_epoch: Generated<number>
  lease_until: EpochMs
  evidence: Generated<Json<Evidence[]>>
  answer: Generated<string | null>
  answer_source: Generated<'hook' | 'transcript' | 'screen' | null>
  tokens_in: Generated<number | null>
  tokens_out: Generated<number | null>
  cost_usd: Generated<number | null>
  conversation: Generated<string | null>
  git_before: Generated<Json<GitState> | null>
  git_after: Generated<Json<GitState> | null>
  changes: Generated<Json<GitChanges> | null>
}

export interface EventRow {
  id: Generated<number>
  at: EpochMs
  noun: Noun
  noun_id: string
  type: string
  data: Json<Record<string, unknown>>
  actor_kind: Actor['kind'] | null
  actor_name: string | null
  address: string | null
}

export interface SessionRow {
  key: string
  node: string
  server: string
  pane_id: string
  name: string
  address: string
  agent: string | null
  version: string | null
  generation: string | null
  state: SessionState
  since: EpochMs
  accepts_prompt: Flag
  draft: Flag
  trusted: Flag
  limited_until: EpochMs | null
  cwd: string
  title: string
  rule: string
  typed_at: EpochMs | null
  prompt_id: number | null
  seen_at: EpochMs
}

export interface SessionSettingsRow {
  node: string
  name: string
  tier: 'high_level' | 'manager' | 'worker' | null
  tags: Json<string[]>
  paused: Flag
  ignored: Flag
  manager: string | null
  created_by: string | null
  agent: string | null
  dir: string | null
  updated_at: EpochMs
}

export interface ProcessRow {
  id: string
  kind: string
  pid: number
  host: string
  version: string
  address: string | null
  started_at: EpochMs
  heartbeat_at: EpochMs
}

export interface UserRow {
  id: Generated<number>
  name: string
  /** The name in lower case, as it is compared. */
  name_key: string
  password_hash: string
  /** The password is the one that the first start made. */
  initial_password: Flag
  role: Role
  /** Rises when all logins of the user end; what carries another one is over. */
  login_version: Generated<number>
  created_at: EpochMs
  password_changed_at: EpochMs
  last_login_at: Generated<EpochMs | null>
}

export interface BrowserSessionRow {
  id: Generated<number>
  secret_hash: string
  user_id: number
  address: string
  user_agent: string
  created_at: EpochMs
  active_at: EpochMs
  /** When its user said the password again. */
  confirmed_at: Generated<EpochMs | null>
}

export interface TokenRow {
  id: Generated<number>
  secret_hash: string
  user_id: number
  name: string
  /** The token's first letters, by which a person knows it again. */
  hint: string
  scopes: Json<Scope[]>
  created_at: EpochMs
  expires_at: EpochMs | null
  used_at: Generated<EpochMs | null>
  used_from: Generated<string | null>
}

export interface SessionTokenRow {
  id: Generated<number>
  secret_hash: string
  node: string
  name: string
  created_at: EpochMs
  /** null until its session was made. */
  session_key: string | null
}

/** `day`: midnight UTC. */
export interface SessionUsageRow {
  node: string
  name: string
  day: EpochMs
  model: string
  tokens_in: number
  tokens_out: number
  cache_read: number
  cache_write: number
  cost_usd: number
  requests: number
  errors: number
}

export interface LoginFailureRow {
  key: string
  count: number
  last_at: EpochMs
  blocked_until: EpochMs
}

export interface LockRow {
  id: Generated<number>
  node: string
  project: string
  root: string
  session: string
  session_key: string | null
  generation: string | null
  branch: string | null
  warning: Generated<string | null>
  refused: Generated<Json<string[]>>
  started_at: EpochMs
  changed_at: EpochMs
  ready_at: Generated<EpochMs | null>
  missing_since: Generated<EpochMs | null>
  /** Number of the view (`data/locks/active_sessions.json`) that showed it first. */
  shown_in: Generated<number | null>
}

export interface InteractionRow {
  id: Generated<number>
  state: InteractionState
  session_key: string
  session_name: string
  node: string
  generation: string
  agent: string
  cwd: string
  prompt_id: number | null
  attempt_id: number | null
  call_id: string | null
  kind: InteractionKind
  tool: Tool
  tool_name: string
  input: Json<InteractionInput>
  input_from: 'hook' | 'screen'
  input_whole: Flag
  input_digest: string
  unsure: string | null
  question: string
  options: Json<InteractionOption[]>
  selected: number | null
  screen: string | null
  screen_digest: string | null
  asked_at: EpochMs
  seen_at: EpochMs
  decision: Generated<Json<Decision> | null>
  decided_by: Generated<Json<DecidedBy> | null>
  decided_at: Generated<EpochMs | null>
  answer: Generated<Json<InteractionAnswer> | null>
  token: Generated<string | null>
  answer_until: Generated<EpochMs | null>
  wish: Generated<Json<SessionWish> | null>
  ended_at: Generated<EpochMs | null>
  reason: Generated<string | null>
  version: Generated<number>
}

export interface PatternRow {
  id: Generated<number>
  state: PatternState
  pattern_version: number
  name: string
  effect: Effect
  conditions: Json<Conditions>
  note: string
  made_from: number | null
  created_by: string
  created_at: EpochMs
  updated_at: EpochMs
}

/** What a pattern was in one version, for decisions that name it. */
export interface PatternVersionRow {
  pattern_id: number
  pattern_version: number
  name: string
  effect: Effect
  conditions: Json<Conditions>
  created_by: string
  created_at: EpochMs
}

export interface HumanTaskRow {
  id: Generated<number>
  state: HumanTaskState
  node: string
  session: string
  session_key: string | null
  prompt_id: number | null
  question: string
  context: string | null
  choices: Json<string[]>
  due_at: EpochMs | null
  missing_since: Generated<EpochMs | null>
  created_at: EpochMs
  ended_at: Generated<EpochMs | null>
  answer: Generated<string | null>
  answered_by: Generated<string | null>
  answer_prompt_id: Generated<number | null>
  idempotency_key: string | null
}

export interface ChannelRow {
  id: Generated<number>
  kind: ChannelKind
  name: string
  url: string | null
  /** What signs a webhook, or opens a topic; never shown again. */
  secret: string | null
  kinds: Json<NoticeKind[]>
  enabled: Flag
  allow_private: Flag
  created_at: EpochMs
  /** When it was last given a message. */
  last_at: Generated<EpochMs | null>
}

export interface NoticeRow {
  id: Generated<number>
  channel_id: number
  kind: NoticeKind
  event_id: number
  noun: Noun
  noun_id: string
  title: string
  body: string
  /** Where in the dashboard it is. */
  path: string
  at: EpochMs
  due_at: EpochMs
}

export interface DeliveryRow {
  id: Generated<number>
  channel_id: number
  /** The same with every try: receivers know a repeated message by it. */
  message_id: string
  kind: NoticeKind | 'test'
  title: string
  count: number
  /** Exactly what is sent. */
  payload: string
  state: 'waiting' | 'sending' | 'sent' | 'failed'
  tries: Generated<number>
  try_at: EpochMs
  lease_until: Generated<EpochMs | null>
  /** Of the last answer. */
  status: Generated<number | null>
  failure: Generated<string | null>
  created_at: EpochMs
  ended_at: Generated<EpochMs | null>
  log: Generated<Json<Try[]>>
}

export interface NodeRow {
  id: Generated<number>
  name: string
  /** The name in lower case, as it is compared. */
  name_key: string
  kind: NodeKind
  state: NodeState
  reason: string | null
  since: EpochMs
  tags: Json<string[]>
  facts: Json<Partial<NodeFacts>>
  limits: Json<Partial<NodeLimits>>
  ssh: Json<Partial<NodeSsh>>
  agent_version: string | null
  protocol: number | null
  clock_offset_ms: number | null
  maintenance_until: EpochMs | null
  pressure: string | null
  cpu_percent: number | null
  created_at: EpochMs
  first_seen_at: EpochMs | null
  seen_at: EpochMs | null
  rotate_key: Flag
}

export interface NodeKeyRow {
  id: Generated<number>
  node_id: number
  secret_hash: string
  hint: string
  created_at: EpochMs
  used_at: Generated<EpochMs | null>
  ended_at: Generated<EpochMs | null>
  ended_reason: Generated<string | null>
}

export interface JoinTokenRow {
  id: Generated<number>
  secret_hash: string
  hint: string
  name: string | null
  tags: Json<string[]>
  created_by: string
  created_at: EpochMs
  expires_at: EpochMs
  used_at: Generated<EpochMs | null>
  node_id: Generated<number | null>
}

export interface NodeAlertRow {
  id: Generated<number>
  node_id: number
  kind: AlertKind
  state: 'open' | 'ended'
  says: string
  raised_at: EpochMs
  ended_at: Generated<EpochMs | null>
  ended_reason: Generated<string | null>
}

export interface ErrorRow {
  id: Generated<number>
  /** Of type, message and source. */
  identity: string
  group_id: number
  error_type: string
  message: string
  source: string
  count: number
  first_seen_at: EpochMs
  last_seen_at: EpochMs
  node: string
}

export interface ErrorGroupRow {
  /** That of its first error. */
  id: number
  state: ErrorState
  fingerprint: string
  fingerprint_version: number
  error_type: string
  message: string
  source: string
  count: number
  /** Rows of `errors` in it. */
  listed: number
  unlisted: Generated<number>
  first_seen_at: EpochMs
  last_seen_at: EpochMs
  first_node: string
  last_node: string
  changed_at: EpochMs
  changed_by: Generated<string | null>
  prompt_id: Generated<number | null>
}

export interface ErrorNodeRow {
  group_id: number
  node: string
  count: number
  first_seen_at: EpochMs
  last_seen_at: EpochMs
}

export interface ErrorSampleRow {
  group_id: number
  kind: SampleKind
  /** Of the stack; '' for the latest, whose shape changes. */
  shape: string
  at: EpochMs
  node: string
  session: string | null
  message: string
  stack: string | null
  metadata: Json<Record<string, unknown>>
}

export interface ErrorRefusalRow {
  hour: EpochMs
  node: string
  source: string
  reason: string
  count: number
  last_at: EpochMs
}

export interface ProjectRow {
  id: Generated<number>
  key: string
  name: string
  description: string
  root_path: string | null
  repository_url: string | null
  status: ProjectStatus
  metadata: Json<Record<string, unknown>>
  /** Of its next work item. */
  next_number: Generated<number>
  version: Generated<number>
  created_at: EpochMs
  created_by: string
  updated_at: EpochMs
}

export interface MilestoneRow {
  id: Generated<number>
  project_id: number
  name: string
  description: string
  status: MilestoneStatus
  /** YYYY-MM-DD. */
  target_date: string | null
  version: Generated<number>
  created_at: EpochMs
  created_by: string
  updated_at: EpochMs
  completed_at: Generated<EpochMs | null>
}

export interface WorkItemRow {
  id: Generated<number>
  kind: WorkKind
  project_id: number
  number: number
  milestone_id: number | null
  title: string
  description: string
  status: WorkStatus
  priority: number
  severity: Severity | null
  assignee: string | null
  metadata: Json<Record<string, unknown>>
  prompt_id: Generated<number | null>
  note: Generated<string | null>
  version: Generated<number>
  created_at: EpochMs
  created_by: string
  updated_at: EpochMs
  status_at: EpochMs
}

export interface WorkLinkRow {
  id: Generated<number>
  item_id: number
  kind: LinkKind
  ref: string
  relation: LinkRelation
  created_at: EpochMs
  created_by: string
}

export interface WorkCommentRow {
  id: Generated<number>
  item_id: number
  at: EpochMs
  author: string
  body: string
}

/** One place in the ring of a node's tier; `figures` is what `packFigures` made. */
export interface NodeMetricsRow {
  node_id: number
  tier: number
  place: number
  /** Beginning of the time that the figures are of. */
  slot: EpochMs
  /** The node's own time of the last sample in it. */
  last_at: EpochMs
  figures: Buffer
}

/** The one row of the vault. What stands in it is of no use without the master key, which is elsewhere. */
export interface VaultRow {
  id: number
  current_key: number
  /** What the audit is signed with, under the current master key. */
  audit_key: string
  head_seq: number
  head_mac: string
  sealed_at: Generated<EpochMs | null>
  sealed_by: Generated<string | null>
  created_at: EpochMs
}

export interface VaultKeyRow {
  id: Generated<number>
  kind: KeyKind
  /** Of a passphrase. */
  salt: string | null
  /** Opens under the right master key only. */
  proof: string
  /** This key under the one that takes its place, while versions are still under this one. */
  under_next: Generated<string | null>
  created_at: EpochMs
}

export interface SecretRow {
  id: Generated<number>
  name: string
  category: SecretCategory
  description: string
  version: number
  expires_at: EpochMs | null
  remind_days: number
  reminded_at: Generated<EpochMs | null>
  access_count: Generated<number>
  accessed_at: Generated<EpochMs | null>
  accessed_by: Generated<string | null>
  created_at: EpochMs
  created_by: string
  updated_at: EpochMs
  updated_by: string
}

export interface ServiceAccountRow {
  id: Generated<number>
  service: string
  login_name: string
  /** '' for all machines. */
  node: string
  status: ServiceAccountStatus
  description: string
  secret_id: number | null
  version: Generated<number>
  created_at: EpochMs
  created_by: string
  updated_at: EpochMs
  updated_by: string
}

export interface SshKeyRow {
  id: Generated<number>
  public_key: string
  fingerprint: string
  /** The private half, and which of that secret's versions it is. */
  secret_id: number
  secret_version: number
  created_at: EpochMs
  created_by: string
  replaced_at: Generated<EpochMs | null>
}

export interface SecretVersionRow {
  id: Generated<number>
  secret_id: number
  number: number
  key_id: number
  wrapped_key: string
  sealed: string
  note: string | null
  created_at: EpochMs
  created_by: string
}

export interface VaultAuditRow {
  seq: number
  at: EpochMs
  action: VaultAction
  secret_id: number | null
  name: string | null
  version: number | null
  actor_kind: Actor['kind']
  actor_name: string
  address: string | null
  detail: string
  mac: string
}

export interface TestRunRow {
  id: Generated<number>
  suite: string
  outcome: TestResult['outcome']
  began_at: EpochMs
  duration_ms: number
  passed: number
  total: number
  run_by: string
  result: Json<TestResult>
}

export interface TaskRow {
  id: Generated<number>
  state: TaskState
  type: string
  name: string | null
  data: Json<Record<string, unknown>>
  priority: number
  /** '' where any may take it. */
  node: string
  dir: string | null
  secrets: Json<string[]>
  timeout_ms: number
  max_retries: number
  retry_delay_ms: number
  retry_count: Generated<number>
  runs: Generated<number>
  hold: TaskHold | null
  wake_at: EpochMs | null
  idempotency_key: string | null
  worker: Generated<string | null>
  cancel_requested_at: Generated<EpochMs | null>
  created_by: string
  schedule_id: number | null
  created_at: EpochMs
  enqueued_at: EpochMs
  /** `sortKey(enqueued_at, priority)`, kept by the database itself. */
  sort_key: GeneratedAlways<number>
  started_at: Generated<EpochMs | null>
  ended_at: Generated<EpochMs | null>
  reason: Generated<string | null>
  result: Generated<Json<unknown> | null>
  version: Generated<number>
}

export interface TaskRunRow {
  id: Generated<number>
  task_id: number
  number: number
  worker_id: number
  worker: string
  node: string
  lease_owner: string
  lease_epoch: Generated<number>
  lease_until: EpochMs
  started_at: EpochMs
  ended_at: Generated<EpochMs | null>
  outcome: Generated<RunOutcome | null>
  reason: Generated<string | null>
  exit_code: Generated<number | null>
  signal: Generated<string | null>
  peak_memory_bytes: Generated<number | null>
  log_bytes: Generated<number>
  log_tail: Generated<string>
}

export interface WorkerRow {
  id: Generated<number>
  name: string
  node: string
  pid: number | null
  version: string
  concurrency: number
  types: Json<string[]>
  own_types: Json<TaskType[]>
  problems: Json<string[]>
  started_at: EpochMs
  heartbeat_at: EpochMs
  ended_at: Generated<EpochMs | null>
  completed: Generated<number>
  failed: Generated<number>
}

export interface ScheduleRow {
  id: Generated<number>
  name: string
  cron: string
  time_zone: string
  task: Json<ScheduledTask>
  paused: Generated<Flag>
  /** A run may begin while the one before has not ended. */
  overlap: Generated<Flag>
  next_at: EpochMs | null
  last_at: Generated<EpochMs | null>
  last_task_id: Generated<number | null>
  /** Why it made nothing the last time, or will make nothing more. */
  note: Generated<string | null>
  created_by: string
  created_at: EpochMs
  version: Generated<number>
}

export interface SuggestionRow {
  id: Generated<number>
  key: string
  source: SuggestionSource
  state: SuggestionState
  title: string
  description: string
  priority: number
  project_id: number | null
  ref: string
  sighted_at: EpochMs | null
  became: Generated<SuggestionTarget | null>
  became_id: Generated<number | null>
  created_at: EpochMs
  changed_at: EpochMs
  changed_by: Generated<string | null>
}
