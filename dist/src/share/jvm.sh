# The JVM flags, in one place: the launcher uses them and the ahead-of-time cache is trained with them
# (garbage collector and object layout must be the same in both). Each function sets `flags`.

# Small footprint first: one-threaded collector, compact headers, C1 only (a control plane waits more than it
# computes; C1 code comes early and C2's compiler memory is saved), free heap handed back.
jvm_flags_common() {
  flags="-XX:+UseSerialGC -XX:+UseCompactObjectHeaders -XX:TieredStopAtLevel=1"
  flags="$flags -Xss512k -XX:ReservedCodeCacheSize=40m -XX:CICompilerCount=1"
  flags="$flags --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
  flags="$flags -Dfile.encoding=UTF-8 -XX:-UsePerfData"
  # The cache is mapped where it was made for, not relocated: its pages stay the file's, shared by all daemons.
  flags="$flags -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0"
}

# The largest heap of a daemon in MiB, as `heap`: a quarter of what it may use of the machine's memory, from 256 to 4096.
# What it does not use it gives back, so an idle daemon is as small with any of them.
heap_of_machine() {
  read -r _ kib _ </proc/meminfo || kib=2097152
  heap=$((kib / 4096))
  # Limits of the control groups that the daemon is in: memory.max in version 2, memory.limit_in_bytes in version 1.
  while IFS=: read -r _ controllers path; do
    case ",$controllers," in
    ,,) at=/sys/fs/cgroup file=memory.max ;;
    *,memory,*) at=/sys/fs/cgroup/memory file=memory.limit_in_bytes ;;
    *) continue ;;
    esac
    while :; do
      limit=max
      [ ! -r "$at$path/$file" ] || read -r limit <"$at$path/$file" || limit=max
      case $limit in
      '' | *[!0-9]*) ;;
      *) [ $((limit / 4194304)) -ge "$heap" ] || heap=$((limit / 4194304)) ;;
      esac
      case $path in
      /?*) path=${path%/*} ;;
      *) break ;;
      esac
    done
  done </proc/self/cgroup
  [ "$heap" -ge 256 ] || heap=256
  [ "$heap" -le 4096 ] || heap=4096
}

jvm_flags_daemon() {
  jvm_flags_common
  if [ -n "${HANSE_HEAP-}" ]; then
    heap=$HANSE_HEAP
  else
    heap_of_machine
    heap=${heap}m
  fi
  flags="$flags -Xms24m -Xmx$heap -XX:MinHeapFreeRatio=15 -XX:MaxHeapFreeRatio=35"
  # Buffers of connections do not grow with the machine.
  flags="$flags -XX:MaxDirectMemorySize=512m"
  # A full heap ends the process: see docs/choices.md.
  flags="$flags -XX:TrimNativeHeapInterval=10000 -XX:+ExitOnOutOfMemoryError"
  flags="$flags -Dio.grpc.netty.shaded.io.netty.allocator.numDirectArenas=1"
  flags="$flags -Dio.grpc.netty.shaded.io.netty.allocator.numHeapArenas=1"
  flags="$flags -Dio.grpc.netty.shaded.io.netty.allocator.maxOrder=3"
  flags="$flags -Dio.grpc.netty.shaded.io.netty.eventLoopThreads=2"
  # Recording events of netty's allocator needs the flight recorder's classes at every start.
  flags="$flags -Dio.grpc.netty.shaded.io.netty.jfr.enabled=false"
  # Unset, Jetty asks an MBean server for it, which starts all of JMX.
  flags="$flags -Dorg.eclipse.jetty.util.referencesPerCacheLine=16"
  flags="$flags -Djdk.virtualThreadScheduler.maxPoolSize=64"
}

jvm_flags_client() {
  jvm_flags_common
  flags="$flags -Xms8m -Xmx256m"
}
