#!/usr/bin/env bash
# Architect's front door: prepares what is missing, then runs the one program.
#
#   ./deploy.sh            start the dashboard and its assigner in this terminal
#   ./deploy.sh --daemon   start them in the background; --ssl: with HTTPS
#   ./deploy.sh status     what runs, where, and what waits
#   ./deploy.sh stop       end both (tmux sessions go on)
#   ./deploy.sh test       run all tests; --real-agents: with real agents from npm
#   ./deploy.sh COMMAND    everything else: ./deploy.sh --help
#
# ARCHITECT_NO_INSTALL=1 forbids every installation: what is missing is named and nothing is changed.
set -euo pipefail

least_node='20.19.0'
least_tmux='3.2'
# For a process that stays: V8 otherwise lets garbage pile up far beyond what is in use (npm run bench -- memory).
node_flags=(--optimize-for-size)
# At rest a node agent costs the same without V8's later compilers, which take 10 MB (npm run bench -- agent).
node_agent_flags=(--no-opt --no-sparkplug)

# The folder of this file, also when it was called by a symlink, without forking when it was not.
self="${BASH_SOURCE[0]}"
[[ -L "$self" ]] && self="$(readlink -f -- "$self")"
case "$self" in */*) root="${self%/*}" ;; *) root='.' ;; esac
[[ "$root" == /* ]] || root="$PWD/$root"
installed="$root/node_modules/.architect-installed"
built="$root/dist/.architect-built"
steps=0

main() {
  [[ "${1:-}" == test ]] && { shift; prepare test; run_tests "$@"; }
  # Agents start this one in the middle of whatever goes on here: it takes what is there, and replaces nothing
  # under the feet of what runs.
  [[ "${1:-} ${2:-}" == 'mcp serve' && -f "$root/dist/app/cli.main.js" ]] && exec node "$root/dist/app/cli.main.js" "$@"
  prepare "${1:-start}"
  case "${1:-start}" in
    node-agent) exec node "${node_flags[@]}" "${node_agent_flags[@]}" "$root/dist/app/cli.main.js" "$@" ;;
    simulate | task-worker) exec node "${node_flags[@]}" "$root/dist/app/cli.main.js" "$@" ;;
    start) shift || true; exec node "${node_flags[@]}" "$root/dist/app/cli.main.js" start "$@" ;;
    --daemon | --ssl | --cert | --key) exec node "${node_flags[@]}" "$root/dist/app/cli.main.js" start "$@" ;;
    *) exec node "$root/dist/app/cli.main.js" "$@" ;;
  esac
}

# Every check here reads file times only; a step is said, on stderr, only when it has something to do.
prepare() {
  case "$1" in start | --daemon | --ssl | --cert | --key | test) need_tmux ;; esac
  case "$1" in test) need_browser ;; esac
  find_node
  is_installed && is_built && return
  exec 9<"$root"
  flock 9 2>/dev/null || true # two first starts at the same time prepare one after the other
  is_installed || install_packages
  is_built || build
  exec 9<&-
}

run_tests() {
  cd "$root"
  if [[ "${1:-}" == --real-agents ]]; then
    shift
    exec node node_modules/vitest/vitest.mjs run --config vitest.real-agents.config.ts "$@"
  fi
  exec node node_modules/vitest/vitest.mjs run "$@"
}

find_node() {
  node_path="$(type -P node)" || fail "Node.js is not installed. Architect needs Node $least_node or newer." \
    "Install it with your system's package manager or from https://nodejs.org, then run $0 again."
  node_identity="$(stat -Lc '%n %s %Y' "$node_path")"
}

is_installed() {
  local was=''
  [[ -f "$installed" ]] && was="$(<"$installed")"
  [[ "$was" == "$node_identity"$'\n'* ]] || return 1
  [[ ! "$root/package-lock.json" -nt "$installed" ]] || [[ "$was" == "$(install_identity)" ]]
}

install_identity() { printf '%s\n' "$node_identity" && cksum <"$root/package-lock.json"; }

install_packages() {
  check_node_version
  step 'Installing packages (npm ci)'
  forbid_without_permission "npm ci   (in $root)"
  npm_log="$(mktemp)"
  trap 'rm -f "$npm_log"' EXIT
  npm_ci || { is_compile_failure && need_build_tools && npm_ci; } || fail_for_npm
  rm -f "$npm_log"
  install_identity >"$installed"
}

npm_ci() {
  (cd "$root" && JOBS="${JOBS:-max}" npm ci --include=dev --no-audit --no-fund --loglevel=error 2>&1) |
    tee "$npm_log" >&2
}

no_network='ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH'
# npm's own code, which its first line names; a package that is compiled complains as gyp.
npm_said() { grep -Eq "npm (ERR!|error) code ($1)" "$npm_log"; }
gyp_said() { grep -Eq "gyp ERR! .*($1)" "$npm_log"; }
is_compile_failure() { gyp_said '' && ! gyp_said "$no_network"; }

fail_for_npm() {
  local proxy='Is this machine online? A proxy is named by: npm config set https-proxy http://…'
  if npm_said "$no_network"; then
    fail 'The packages could not be fetched: there is no connection to the npm registry.' "$proxy" "Then run $0 again."
  elif gyp_said "$no_network"; then
    fail 'A package has to be compiled here, and what that needs of Node could not be fetched: there is no connection.' "$proxy"
  elif is_compile_failure; then
    fail 'A package could not be compiled, although python3, make and g++ are there; the messages stand above.'
  elif npm_said 'ENOSPC' || grep -q 'No space left' "$npm_log"; then
    fail "The disk is full. Make room where $root is, then run $0 again."
  elif npm_said 'EACCES|EPERM'; then
    fail "$(id -un) may not write into $root/node_modules or npm's cache; the path stands above." \
      "An earlier run as root may own it: sudo chown -R $(id -un) $root ~/.npm"
  elif npm_said 'UNABLE_TO_[A-Z_]*|SELF_SIGNED_CERT_IN_CHAIN|CERT_HAS_EXPIRED|DEPTH_ZERO_SELF_SIGNED_CERT'; then
    fail 'The certificate of the npm registry is not trusted here.' \
      'Behind a proxy that opens TLS: NODE_EXTRA_CA_CERTS=its-certificate.pem '"$0"
  elif npm_said 'E40[0-9]|EINTEGRITY|EUSAGE'; then
    fail 'npm did not accept the list of packages (package-lock.json), or the registry lacks one; its messages stand above.' \
      "Is the checkout clean? git -C $root status"
  fi
  fail 'npm ci failed; its messages stand above.'
}

check_node_version() {
  local version
  version="$(node --version)"
  is_at_least "${version#v}" "$least_node" || fail "Node ${version#v} is too old: Architect needs $least_node or newer." \
    "Install a newer one from https://nodejs.org (this one is $node_path), then run $0 again."
  type -P npm >/dev/null || fail 'npm is missing; it usually comes with Node.' \
    "On Debian's own Node: sudo apt-get install -y npm"
}

is_built() { [[ -f "$built" && "$(<"$built")" == "$(sources)" ]]; }

# Size and time of every source: a changed, added or removed file makes another sum.
sources() {
  (cd "$root" && find package.json tsconfig.json app workers distributed orchestrator migrations \
    -name testing -prune -o -type f ! -name '*.test.ts' -printf '%p %s %T@\n' | cksum)
}

build() {
  local seen
  seen="$(sources)"
  step 'Building (esbuild)'
  rm -rf "$root"/dist/{app,workers,distributed,migrations,chunks}
  (cd "$root" && npm run --silent build >&2) || fail 'The build failed; its messages stand above.'
  printf '%s\n' "$seen" >"$built"
}

need_tmux() {
  type -P tmux >/dev/null || install_system_packages 'tmux, in which the agents run,' tmux
  local version
  version="$(tmux -V)"
  version="${version#tmux }"
  version="${version#next-}"
  is_at_least "$version" "$least_tmux" || fail "tmux $version is too old: Architect needs $least_tmux or newer." \
    'Debian 12, Ubuntu 22.04 and newer have one: upgrade the system, or build tmux from https://github.com/tmux/tmux.'
}

# The browser tests drive a Chromium or Chrome of the system; ARCHITECT_CHROMIUM names another one.
need_browser() {
  if [[ -n "${ARCHITECT_CHROMIUM:-}" ]]; then
    type -P "$ARCHITECT_CHROMIUM" >/dev/null || fail "ARCHITECT_CHROMIUM is $ARCHITECT_CHROMIUM, which is no program." \
      'Let it be the path of a Chromium or Chrome, or leave it out.'
    return
  fi
  find_browser && return
  install_system_packages 'Chromium, which the browser tests drive,' chromium
  find_browser || fail 'Chromium is installed, but not where programs are found. Name it: ARCHITECT_CHROMIUM=/path/to/chromium'
}

find_browser() {
  local name
  for name in chromium chromium-browser google-chrome-stable google-chrome; do
    ARCHITECT_CHROMIUM="$(type -P "$name")" && export ARCHITECT_CHROMIUM && return
  done
  unset ARCHITECT_CHROMIUM
  return 1
}

need_build_tools() {
  local missing=()
  type -P python3 >/dev/null || missing+=(python3)
  type -P make >/dev/null || missing+=(make)
  type -P g++ >/dev/null || missing+=(g++)
  [[ ${#missing[@]} -gt 0 ]] || return 1
  install_system_packages 'What compiles SQLite on this kind of machine' "${missing[@]}"
}

install_system_packages() {
  local what="$1"
  shift
  local command="apt-get update && apt-get install -y $*"
  step "$what is missing: $command"
  forbid_without_permission "sudo sh -c '$command'"
  type -P apt-get >/dev/null || fail "Install it with your system's package manager: $*"
  if [[ "$(id -u)" == 0 ]]; then
    DEBIAN_FRONTEND=noninteractive sh -c "$command" >&2 || fail "The installation failed; its messages stand above."
  elif sudo -n true 2>/dev/null; then
    sudo -n DEBIAN_FRONTEND=noninteractive sh -c "$command" >&2 || fail "The installation failed; its messages stand above."
  else
    fail "It has to be installed by an administrator. Run this, then $0 again:" "sudo sh -c '$command'"
  fi
}

forbid_without_permission() {
  [[ "${ARCHITECT_NO_INSTALL:-}" != 1 ]] || fail 'ARCHITECT_NO_INSTALL=1 forbids it. To do it by hand:' "$1"
}

# 3.3a → 3 3; the letter of a tmux release and what follows a dash don't count.
is_at_least() {
  local IFS=.
  local -a have=(${1//[^0-9.]/}) least=($2)
  local i
  for i in 0 1 2; do
    ((${have[i]:-0} > ${least[i]:-0})) && return 0
    ((${have[i]:-0} < ${least[i]:-0})) && return 1
  done
  return 0
}

step() {
  steps=$((steps + 1))
  printf '%d. %s\n' "$steps" "$1" >&2
}

fail() {
  printf 'architect: %s\n' "$1" >&2
  shift
  [[ $# == 0 ]] || printf '  %s\n' "$@" >&2
  exit 1
}

main "$@"
