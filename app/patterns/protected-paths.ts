import { type TouchedPath, likelyPath } from './paths.ts'

/** A kind of file that no rule of a person's may touch by accident. */
export interface ProtectedPaths {
  name: string
  /** For sentences: "it reads or writes … ". */
  what: string
  pattern: RegExp
}

/** Compared in lower case, because file systems exist that ignore it. */
export const secretPaths: ProtectedPaths[] = [
  {
    name: 'ssh-keys',
    what: 'SSH keys or settings',
    pattern: /\/\.ssh(\/|$)|\/id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/,
  },
  {
    name: 'cloud-credentials',
    what: 'cloud credentials',
    pattern: /\/\.(aws|azure|kube|config\/gcloud|oci)(\/|$)|\/\.docker\/config\.json$/,
  },
  {
    name: 'keyrings',
    what: 'keyrings',
    pattern: /\/\.(gnupg|password-store)(\/|$)|\/(keyrings|keychains)(\/|$)|\.(keystore|jks|kdbx|p12|pfx)$/,
  },
  { name: 'private-keys', what: 'private keys', pattern: /\.(pem|key|ppk)$/ },
  {
    name: 'token-files',
    what: 'stored tokens',
    pattern:
      /\/\.(netrc|npmrc|pypirc|git-credentials|pgpass|my\.cnf|vault-token|gem\/credentials|cargo\/credentials(\.toml)?)$|\/gh\/hosts\.yml$|\/_netrc$/,
  },
  {
    name: 'dotenv',
    what: 'an .env file',
    pattern: /\/\.env(rc)?$|\/\.env\.(?!(example|sample|template|dist|defaults)$)[^/]*$/,
  },
  {
    name: 'agent-credentials',
    what: "an agent's login",
    pattern:
      /\/\.claude\/\.credentials\.json$|\/\.codex\/auth\.json$|\/\.gemini\/(oauth_creds|google_accounts)\.json$|\/opencode\/auth\.json$/,
  },
  {
    name: 'system-secrets',
    what: 'secrets of the system',
    pattern: /^\/etc\/(shadow|gshadow|sudoers)|^\/proc\/[^/]+\/(environ|mem|cmdline)|^\/etc\/ssl\/private/,
  },
  {
    name: 'architect-data',
    what: "Architect's own database or keys",
    pattern: /\/architect\.db|\/(master|vault|secret)[-_.]?key[^/]*$/,
  },
]

/** May be read, never changed. */
export const guardedPaths: ProtectedPaths[] = [
  {
    name: 'agent-settings',
    what: "an agent's own settings, hooks or permissions",
    pattern:
      /\/\.claude\/(settings[^/]*\.json|hooks|commands|agents|plugins|skills)|\/\.claude\.json$|\/\.codex(\/|$)|\/\.gemini(\/|$)|\/\.mcp\.json$|\/opencode\.jsonc?$|\/\.config\/opencode(\/|$)|\/\.opencode(\/|$)|\/\.(claude|cursor|vscode|idea)$/,
  },
  {
    name: 'git-internals',
    what: "git's own files or hooks",
    pattern:
      /\/\.git(\/|$)|\/\.gitconfig$|\/\.git(modules|attributes)$|\/\.husky(\/|$)|\/\.config\/git(\/|$)/,
  },
  {
    name: 'shell-startup',
    what: 'files that shells run when they start',
    pattern:
      /\/\.(bash|zsh|z|k|c|tcsh)(rc|env|profile|login|logout|_profile|_login|_logout|_aliases)$|\/\.(profile|inputrc|tmux\.conf|vimrc|direnvrc)$|\/fish\/|\/\.config\/(autostart|systemd)(\/|$)/,
  },
  {
    name: 'system-files',
    what: 'files of the system',
    pattern:
      /^\/(etc|usr|bin|sbin|lib|lib64|boot|sys|proc|dev|root|system|library|opt)(\/|$)|^\/var\/(?!folders\/|tmp\/)/,
  },
]

/** The first kind that one of these paths belongs to. */
export function findProtected(paths: TouchedPath[], kinds: ProtectedPaths[]): ProtectedPaths | null {
  const plain = paths.map((path) => likelyPath(path).toLowerCase())
  return kinds.find(({ pattern }) => plain.some((path) => pattern.test(path))) ?? null
}
