#!/usr/bin/env bash
# Repeats the figures of docs/benchmarks.md: one part for each of its tables. On a machine that does nothing else, or the figures mean little.
#
#   benchmarks/run.sh                  every part, about an hour
#   benchmarks/run.sh put recovery     these parts
#   benchmarks/run.sh --list           names the parts, with what each takes
#
# Each part prints its table and ends by itself; what it measured is kept as JSON in artifacts/benchmarks/. Parts that need room check for it
# before they begin. WEIR_BENCH_ROUNDS (default 5) is how often each thing is measured.
set -uo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
rounds=${WEIR_BENCH_ROUNDS:-5}
out=$root/artifacts/benchmarks

parts=(
  "put|PutRecord and PutRecords beside the parse-only endpoint and the disk, JSON and CBOR; 5 min"
  "get|catch-up reads of 2 GB beside the encode-only endpoint, JSON and CBOR; 3 min, 3 GB of disk"
  "subscribe|from put to event beside the time of an fsync; 1 min"
  "recovery|start after SIGKILL with 10 GB in 20 streams; 4 min, 13 GB of disk"
  "overload|1 million records a second offered for a minute under a memory limit, in large and in small requests; 4 min"
  "fairness|what a stream notices of a flooded one and of a scan; 2 min"
  "steady|ten minutes at 70 % of the maximum with retention, rolls and deletions; 12 min"
  "producer|100-byte records through Weir.Producer, beside PutRecords by the same client; 2 min"
  "limits|ten times what the shards take, for a minute through Weir.Producer and by naive PutRecords, read back; a third of that against kinesalite and kinesis-local; 16 min"
  "signed|what verified signatures cost; 2 min"
  "shards|what idle streams and shards cost; 3 min"
  "log|the log alone beside the bare device; 2 min"
  "micro|the ladder from the disk to the socket, one operation at a time; 5 min"
  "allocations|bytes that each operation allocates at each rung; 2 min"
  "peers|kinesalite, kinesis-local and Redis Streams on the same requests; 6 min"
)

list() {
  local entry
  for entry in "${parts[@]}"; do printf '%-12s %s\n' "${entry%%|*}" "${entry#*|}"; done
}

# bench NAME ARGUMENT...: a measurement of the command line, with its figures kept.
bench() {
  local name=$1; shift
  "$root/weir" bench "$@" --json "$out/$name.json"
}

# project PATH: builds a project as released, and prints where its program is.
project() {
  dotnet build "$root/$1" -c Release --nologo -v quiet >&2 || return 1
  echo "$root/artifacts/bin/${1##*/}/release/${1##*/}"
}

run_put() {
  local put=(put --baseline --rounds "$rounds" --duration 3s --shards 16) failed=0
  bench put-1kb "${put[@]}" --connections 32 || failed=1
  bench put-1kb-cbor "${put[@]}" --connections 32 --cbor || failed=1
  bench put-500x1kb "${put[@]}" --connections 8 --batch 500 || failed=1
  bench put-500x1kb-cbor "${put[@]}" --connections 8 --batch 500 --cbor || failed=1
  bench put-500x100b "${put[@]}" --connections 8 --batch 500 --record-size 100 || failed=1
  return $failed
}

run_get() { bench get get --baseline --rounds "$rounds" --bytes 2GB --shards 16; }
run_subscribe() { bench subscribe subscribe --rate 1000 --duration 20s; }
run_recovery() { bench recovery recovery --rounds "$rounds" --bytes 10GB --streams 20; }
run_overload() {
  local failed=0
  bench overload overload --memory-limit 512MiB --duration 60s || failed=1
  # Small requests, of which the server can take a tenth of what is offered.
  bench overload-small overload --memory-limit 512MiB --duration 60s --batch 2 || failed=1
  return $failed
}
run_fairness() { bench fairness fairness --rounds "$rounds"; }
run_steady() { bench steady steady --duration 10m; }
run_producer() { bench producer put --producer --record-size 100 --shards 16 --rounds "$rounds" --duration 6s; }
run_limits() {
  local failed=0
  bench limits limits || failed=1
  # Small records, in order; the producer's callers are turned away in place of waiting.
  bench limits-100b limits --record-size 100 --keep-order --when-full fail || failed=1
  "$root/benchmarks/peers.sh" limits || failed=1
  return $failed
}
run_signed() { bench put-signed put --signed --baseline --rounds "$rounds" --duration 3s --connections 32 --shards 16; }
run_shards() { bench shards shards; }
run_peers() { "$root/benchmarks/peers.sh" "$rounds"; }

run_log() {
  local program
  program=$(project tests/Weir.Log.Tests) && "$program" -class "*ThroughputTests" -explicit only -showLiveOutput -noColor -noLogo
}

run_micro() {
  local program
  program=$(project benchmarks/Weir.MicroBenchmarks) && (cd "$root" && "$program" --filter '*')
}

run_allocations() {
  local program
  program=$(project tests/Weir.Allocations) && "$program" -showLiveOutput -noColor -noLogo
}

chosen=()
for argument in "$@"; do
  case $argument in
    --list) list; exit 0 ;;
    -h|--help) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *)
      if ! list | grep -q "^$argument "; then echo "run.sh: there is no part $argument (try --list)" >&2; exit 2; fi
      chosen+=("$argument") ;;
  esac
done
if [ ${#chosen[@]} -eq 0 ]; then
  for entry in "${parts[@]}"; do chosen+=("${entry%%|*}"); done
fi

mkdir -p "$out"
echo "$(uname -srm), $(nproc) cores, commit $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown), load $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown)"
failed=()
for part in "${chosen[@]}"; do
  printf '\n== %s\n' "$part"
  "run_$part" || failed+=("$part")
done
if [ ${#failed[@]} -gt 0 ]; then
  printf '\nfailed: %s\n' "${failed[*]}" >&2
  exit 1
fi
