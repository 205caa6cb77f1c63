#!/bin/bash
# Starts and stops N Hanse daemons one by one, a network namespace ("host") each, for a cluster benchmark that talks to
# them by the Docker API alone. Verbs:
#   net N        make N hosts without daemons          down      stop all, delete the hosts
#   spawn I      start daemon I, return at once        stop I    orderly stop, wait for the exit
#   image I      load the image busybox:1              kill I    SIGKILL the daemon only
#   killall I    SIGKILL the daemon and its containerd reap I    SIGKILL what is left of shims and containers
#   wipe I       delete all state of host I (daemon stopped)
#   cut I, heal I   the host's cable                   sock I, ip I   its API socket, its address
#   pids I       lines "role pid" (daemon, runtime, shim)
#   version      one line
# Environment: BASE directory of everything, NET first three numbers of the addresses, PFX prefix of the namespaces'
# names, EXTRA_DAEMON further options of the daemon, HANSE_JAVA_OPTS further JVM flags.
set -u
BASE=${BASE:-${TMPDIR:-/tmp}/hanse-bench}
NET=${NET:-10.79.0}
PFX=${PFX:-hbn}
home=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
launcher=${HANSE_HOME:-$home/dist/hanse}/bin/hanse
root_fs=$BASE/rootfs

namespace() { echo "/run/netns/$PFX$1"; }
data() { echo "$BASE/data/h$1"; }
run() { echo "$BASE/run/h$1"; }
sock() { echo "$BASE/run/h$1.sock"; }
pid_file() { echo "$BASE/run/h$1.pid"; }

# The live process whose number is in a file and whose command line has a word.
live() { # live FILE WORD
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 1
  [ -n "$pid" ] && grep -qa -- "$2" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
}
daemon() { live "$(pid_file "$1")" dev.hanse.node.Main; }
of_host() { # of_host PATTERN I: processes of this host alone, by the directory in their command line
  pgrep -f -- "$1.*$(run "$2")/" || true
}
containerd_of() { of_host '^[^ ]*containerd ' "$1"; }
shims() { of_host 'containerd-shim' "$1"; }
gone() { # gone PID SECONDS
  local turn
  for turn in $(seq 1 $(($2 * 50))); do
    [ -e "/proc/$1" ] && [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null)" != Z ] || return 0
    sleep 0.02
  done
  return 1
}

make_root_fs() {
  [ -x "$root_fs/bin/busybox" ] && return
  mkdir -p "$root_fs"/bin "$root_fs"/tmp "$root_fs"/etc
  cp /bin/busybox "$root_fs/bin/busybox"
  local applet
  for applet in $(/bin/busybox --list); do
    [ "$applet" = busybox ] || ln -sf busybox "$root_fs/bin/$applet"
  done
}
make_net() {
  mkdir -p "$BASE/data" "$BASE/run"
  mountpoint -q "$BASE/run" || mount -t tmpfs -o mode=755 tmpfs "$BASE/run"
  local switch=${PFX}sw i
  if [ ! -e "/run/netns/$switch" ]; then
    ip netns add "$switch"
    ip -n "$switch" link set lo up
    ip -n "$switch" link add br0 type bridge
    ip -n "$switch" link set br0 up
  fi
  for i in $(seq 1 "$1"); do
    [ -e "$(namespace "$i")" ] && continue
    ip netns add "$PFX$i"
    ip -n "$PFX$i" link set lo up
    ip link add "e$i" netns "$PFX$i" type veth peer name "v$i" netns "$switch"
    ip -n "$PFX$i" link set "e$i" name eth0
    ip -n "$PFX$i" addr add "$NET.$i/24" dev eth0
    ip -n "$PFX$i" link set eth0 up
    ip -n "$PFX$i" route add default via "$NET.254"
    ip -n "$switch" link set "v$i" master br0 up
  done
}

case "${1:-}" in
net)
  make_root_fs
  make_net "$2"
  ;;
spawn)
  i=$2
  [ -z "$(daemon "$i")" ] || { echo "already running" >&2; exit 1; }
  mkdir -p "$(data "$i")" "$(run "$i")"
  rm -f "$(pid_file "$i")"
  # shellcheck disable=SC2086 # options are separate words
  setsid nsenter --net="$(namespace "$i")" -- "$launcher" daemon \
    --data-root "$(data "$i")" --exec-root "$(run "$i")" --pidfile "$(pid_file "$i")" \
    --host "unix://$(sock "$i")" --containerd private --node-address "$NET.$i" --hostname "$PFX$i" \
    --log-level warn ${EXTRA_DAEMON:-} >>"$BASE/log$i" 2>&1 </dev/null &
  # The number is known at once: setsid, nsenter and the launcher replace themselves.
  echo $! >"$(pid_file "$i")"
  ;;
image)
  tar -C "$root_fs" -c . | curl -sS --fail --unix-socket "$(sock "$2")" -H 'Content-Type: application/x-tar' \
    --data-binary @- 'http://docker/v1.41/images/create?fromSrc=-&repo=busybox&tag=1' >/dev/null
  ;;
stop)
  pid=$(daemon "$2")
  if [ -n "$pid" ]; then
    kill "$pid"
    gone "$pid" 30 || { kill -9 "$pid"; echo "host $2: had to use SIGKILL" >&2; }
  fi
  ;;
kill)
  pid=$(daemon "$2")
  [ -z "$pid" ] || kill -9 "$pid"
  ;;
killall)
  for pid in $(daemon "$2") $(containerd_of "$2"); do kill -9 "$pid"; done
  ;;
reap)
  for shim in $(shims "$2"); do
    children=$(cat /proc/"$shim"/task/*/children 2>/dev/null)
    for pid in $children $shim; do kill -9 "$pid" 2>/dev/null; done
    for pid in $children $shim; do gone "$pid" 3; done
  done
  ;;
wipe)
  "$0" stop "$2"
  for pid in $(containerd_of "$2"); do kill -9 "$pid"; gone "$pid" 5; done
  "$0" reap "$2"
  grep -oE " ($(data "$2")|$(run "$2"))/[^ ]*" /proc/self/mounts | sort -r | while read -r point; do
    umount -l "$point"
  done
  # What the daemon made in its host's namespace goes with the links and the table.
  for link in $(ip -n "$PFX$2" -o link | sed -n 's/^[0-9]*: \([^:@]*\).*/\1/p' | grep -v -e '^lo$' -e '^eth0$'); do
    ip -n "$PFX$2" link del "$link" 2>/dev/null
  done
  nsenter --net="$(namespace "$2")" -- nft flush ruleset
  rm -rf "$(data "$2")" "$(run "$2")" "$(pid_file "$2")" "$(sock "$2")"
  ;;
cut) ip -n "${PFX}sw" link set "v$2" down ;;
heal) ip -n "${PFX}sw" link set "v$2" up ;;
sock) sock "$2" ;;
ip) echo "$NET.$2" ;;
pids)
  for pid in $(daemon "$2"); do echo "daemon $pid"; done
  for pid in $(containerd_of "$2"); do echo "runtime $pid"; done
  for pid in $(shims "$2"); do echo "shim $pid"; done
  ;;
version) "$launcher" --version | head -1 ;;
down)
  for i in 1 2 3 4 5 6 7 8 9; do
    [ -e "$(namespace $i)" ] || continue
    "$0" wipe $i
    ip netns del "$PFX$i"
  done
  [ -e "/run/netns/${PFX}sw" ] && ip netns del "${PFX}sw"
  mountpoint -q "$BASE/run" && umount "$BASE/run"
  rm -rf "$BASE"/log* "$BASE/data"
  ;;
*)
  echo "unknown verb ${1:-}" >&2
  exit 2
  ;;
esac
true
