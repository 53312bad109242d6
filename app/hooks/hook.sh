#!/bin/sh
# architect-hook 1: leaves what a coding agent tells (JSON on stdin) as one file for the assigner.
#
#   hook.sh AGENT EVENT < message
#
# Always exits with 0 and prints nothing but a decision: an agent takes anything else for an instruction.
# Everything lies beside this file, in a folder that only its owner may open:
#   incoming/   one file for each message; it is whole when its last line is "end" and its own name
#   decisions/  answers to permission requests, one line each, by the message's name
#   assigner    pid and start time of the assigner that reads here; nobody waits for a dead one
#   full        the folder holds as many messages as it may: new ones are dropped and counted in dropped
#
# Forks are what costs time here: one for a message, none to find out anything. A redirection that fails ends
# the shell with 2 behind `:` and `exec`, and 2 means "blocked" to an agent: `printf` stands in their place.

exec 2>/dev/null
umask 077
PATH=$PATH:/usr/bin:/bin
agent=$1 event=$2
most=10000       # messages that wait for an assigner
trap '' XFSZ      # a write beyond the limit fails, and ends nothing
ulimit -f 65536  # blocks of 512 bytes (dash) or 1024 (bash): a larger message is dropped

# The agent may still be writing, and must not see a broken pipe.
leave() { exec cat >/dev/null; }
cd "${0%/*}/incoming" || leave

# Reads "pid (name) state parent … start"; the name may hold blanks and brackets.
look_at() {
  read -r stat <"/proc/$1/stat" || return 1
  name=${stat#*\(} name=${name%\)*}
  set -- "$1" ${stat##*\) }
  parent=$3 start=${21}
}
# The shells between, the agent, and what started it: an agent may run as the child of a launcher.
parents='' pid=$PPID others=0
while [ $others -lt 2 ] && [ "$pid" -gt 1 ] && look_at "$pid"; do
  parents="${parents}parent $pid $start $name
"
  case $name in *sh) ;; *) others=$((others + 1)) ;; esac
  pid=$parent
done

# Hundredths of a second since boot: with the pid a name that no other message of this boot has. One of an earlier
# boot may have it, and its decision may still lie there.
tell_time() { read -r up _ </proc/uptime && now=${up%.*}${up#*.}; }
tell_time || leave
id=$now-$$
while [ -e "$id" ] || [ -e "../decisions/$id" ]; do id=$id.1; done

# Counting takes time in a large folder: one message in sixteen does it for all.
if [ $(($$ % 16)) -eq 0 ] && [ ! -e ../full ]; then
  set -- *
  [ $# -lt $most ] || printf '' >../full
fi
if [ -e ../full ]; then
  printf . >>../dropped
  leave
fi

{
  printf 'architect-hook 1\nagent %s\nevent %s\n%s' "$agent" "$event" "$parents" &&
    printf 'tmux %s\npane %s\nsession %s\n\n' "$TMUX" "$TMUX_PANE" "$ARCHITECT_SESSION" &&
    cat && printf '\nend %s\n' "$id"
} >"$id" || {
  rm -f "$id"
  printf . >>../dropped
  leave
}
[ "$event" = PermissionRequest ] || exit 0

# Only a living assigner can decide, and only within half a second; it takes some 30 ms, and many agents that
# look every 20 ms for as long as that would keep it from its work. Who makes the decision's file first has the
# last word: a decision that comes after this hook has left finds an empty one, and is known to be too late.
decision=../decisions/$id until=$((now + 50))
close() {
  set -C
  printf '' >"$decision"
}
read -r pid started <../assigner && look_at "$pid" && [ "$start" = "$started" ] || until=0
for pause in 0.02 0.03 0.05 0.1 0.1 0.1 0.1 last; do
  [ ! -e "$decision" ] || break
  if [ "$now" -ge "$until" ] || ! sleep $pause; then
    close && exit 0
    break
  fi
  tell_time
done
read -r answer <"$decision" && [ "$answer" ] && printf '%s\n' "$answer"
exit 0
