#!/usr/bin/env bash
# Other servers beside Weir on the same requests, in turns, in one table:
#   kinesalite, kinesis-local (npm)   the same `weir bench put` requests; both keep records in memory only
#   Redis Streams (redis-server)      XADD of 1 KB by redis-benchmark; appendonly yes, appendfsync always: each acknowledged entry is synced
#
#   benchmarks/peers.sh [ROUNDS]      default 3; about a minute a round
#   benchmarks/peers.sh limits        instead: `weir bench limits` against kinesalite and kinesis-local, 20 s each way; 4 minutes
#
# Packages from npm go where the tests have theirs (eng/peers.sh), nothing is installed for the system but Debian's redis-server where it is
# missing and we are root. What cannot be run is left out, with the reason. WEIR_BENCH_DURATION (default 3s) is measured for each server and work.
set -uo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
mode=peers
if [ "${1:-}" = limits ]; then mode=limits; shift; fi
rounds=${1:-3}
duration=${WEIR_BENCH_DURATION:-3s}
case $rounds in '' | *[!0-9]* | 0) echo "peers.sh: ROUNDS is a number above 0" >&2; exit 2 ;; esac

. "$root/eng/peers.sh"

work=$(mktemp -d -t weir-peers-XXXXXX)
results=$work/results
children=()
targets=()

# stop: ends what this script started, by its id, and removes what was stored.
stop() {
  local child
  for child in ${children[@]+"${children[@]}"}; do kill "$child" 2>/dev/null; done
  wait 2>/dev/null
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# answers PORT: waits until something listens there; half a minute at most.
answers() {
  local tries
  for tries in $(seq 150); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
    sleep 0.2
  done
  return 1
}

# add NAME URL STORES: a server that takes the requests of weir bench.
add() {
  targets+=("$1|$2|$3")
}

start_weir() {
  # Built first, so that the wait below is for a start alone.
  "$root/weir" --version >"$work/weir.build" 2>&1 || { cat "$work/weir.build" >&2; exit 1; }
  "$root/weir" server --port 0 --limits off --durability fsync --data "$work/weir" >"$work/weir.out" 2>"$work/weir.err" </dev/null &
  children+=($!)
  local tries
  for tries in $(seq 150); do
    if grep -q listening "$work/weir.out"; then add weir "$(sed 's/.* //' "$work/weir.out")" "disk, synced"; return 0; fi
    sleep 0.2
  done
  echo "weir did not start:" >&2
  cat "$work/weir.err" >&2
  exit 1
}

start_node_servers() {
  if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    echo "without kinesalite and kinesis-local: there is no node or no npm"
    return 0
  fi
  mkdir -p "$root/artifacts/logs"
  install_node_peers
  if [ ! -d "$peers_node/node_modules/kinesalite" ] || [ ! -d "$peers_node/node_modules/kinesis-local" ]; then
    echo "without kinesalite and kinesis-local: npm did not install them"
    return 0
  fi
  local port
  port=$(free_port)
  node "$peers_node/node_modules/kinesalite/cli.js" --port "$port" --shardLimit 100 >"$work/kinesalite.log" 2>&1 </dev/null &
  children+=($!)
  if answers "$port"; then add kinesalite "http://127.0.0.1:$port" memory; else echo "without kinesalite: it does not listen"; fi
  port=$(free_port)
  # It reads files beside its program.
  (cd "$peers_node/node_modules/kinesis-local" && SHARD_LIMIT=100 LOG_LEVEL=ERROR KINESIS_MOCK_PLAIN_PORT=$port KINESIS_MOCK_TLS_PORT=$(free_port) \
    exec node main.js >"$work/kinesis-local.log" 2>&1 </dev/null) &
  children+=($!)
  if answers "$port"; then add kinesis-local "http://127.0.0.1:$port" memory; else echo "without kinesis-local: it does not listen"; fi
}

redis_port=
start_redis() {
  if ! command -v redis-server >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends redis-server </dev/null >"$work/apt.log" 2>&1
  fi
  if ! command -v redis-server >/dev/null 2>&1 || ! command -v redis-benchmark >/dev/null 2>&1; then
    echo "without Redis Streams: there is no redis-server, and apt-get did not install it"
    return 0
  fi
  redis_port=$(free_port)
  mkdir "$work/redis"
  printf '%s\n' "port $redis_port" "bind 127.0.0.1" "dir $work/redis" "appendonly yes" "appendfsync always" 'save ""' "daemonize no" \
    | redis-server - >"$work/redis.log" 2>&1 &
  children+=($!)
  if ! answers "$redis_port"; then
    echo "without Redis Streams: it does not listen"
    redis_port=
  fi
}

# bench ROUND NAME URL STORES WORK CONNECTIONS BATCH: one measured round; a line of results.
bench() {
  if ! "$root/weir" bench put --endpoint "$3" --stream "bench-$7" --shards 16 --connections "$6" --batch "$7" --duration "$duration" --warmup 1s \
      --json "$work/one.json" >"$work/one.out" 2>&1; then
    # Nothing stored in the measured time, or another failure, which the last line then tells.
    echo "$2 stored nothing of $5 within $duration: $(tail -n 1 "$work/one.out")"
    return 0
  fi
  node -e '
    const [file, round, name, stores, work] = process.argv.slice(1);
    const result = JSON.parse(require("fs").readFileSync(file)).rounds[0];
    console.log([work, name, stores, round, result.recordsPerSecond, result.latencyMilliseconds.p50, result.latencyMilliseconds.p99, result.errors].join("\t"));
  ' "$work/one.json" "$1" "$2" "$4" "$5" >>"$results"
}

# xadd ROUND WORK ENTRIES PIPELINE: the like of Redis Streams. Its latencies are those of one command, or of a pipeline of them.
xadd() {
  local payload line
  payload=$(head -c 768 /dev/urandom | base64 -w 0)
  redis-cli -p "$redis_port" del stream >/dev/null
  # Columns: test, rps, then avg, min, p50, p95, p99 and max of the latency in ms.
  line=$(redis-benchmark -p "$redis_port" -n "$3" -c 32 -P "$4" --csv XADD stream '*' key key-1 data "$payload" 2>/dev/null | tail -n 1 | rev | cut -d, -f1-7 | rev | tr -d '"')
  IFS=, read -r rate _ _ p50 _ p99 _ <<<"$line"
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t0\n' "$2" "redis streams" "disk, synced" "$1" "$rate" "$p50" "$p99" >>"$results"
}

if [ "$mode" = limits ]; then
  start_node_servers
  mkdir -p "$root/artifacts/benchmarks"
  failed=0
  for target in ${targets[@]+"${targets[@]}"}; do
    IFS='|' read -r name url _ <<<"$target"
    printf '\n-- %s\n' "$name"
    "$root/weir" bench limits --endpoint "$url" --duration "${WEIR_BENCH_DURATION:-20s}" --json "$root/artifacts/benchmarks/limits-$name.json" || failed=1
  done
  exit $failed
fi

start_weir
start_node_servers
start_redis
: >"$results"
for round in $(seq "$rounds"); do
  echo "round $round of $rounds ..." >&2
  for target in "${targets[@]}"; do
    IFS='|' read -r name url stores <<<"$target"
    bench "$round" "$name" "$url" "$stores" "1 KB, 32 connections" 32 1
    bench "$round" "$name" "$url" "$stores" "500 x 1 KB, 8 connections" 8 500
  done
  if [ -n "$redis_port" ]; then
    xadd "$round" "1 KB, 32 connections" 60000 1
    xadd "$round" "1 KB, 32 connections, 16 at a time" 200000 16
  fi
done

node -e '
  const rows = require("fs").readFileSync(process.argv[1], "utf8").trim().split("\n").map(line => line.split("\t"));
  const sorted = values => values.map(Number).sort((a, b) => a - b);
  const median = values => { const s = sorted(values), m = s.length >> 1; return s.length % 2 ? s[m] : (s[m - 1] + s[m]) / 2; };
  const count = value => Math.round(value).toLocaleString("en-US");
  const cells = [["work", "server", "stores", "records/s, min / median / max", "p50 ms", "p99 ms", "errors", "of weir, median"]];
  for (const key of new Set(rows.map(row => row[0] + "\t" + row[1]))) {
    const of = rows.filter(row => row[0] + "\t" + row[1] === key);
    const [work, server, stores] = of[0];
    const rates = sorted(of.map(row => row[4]));
    // A pipeline and a PutRecords are both many records on the way at once; of a work that only one knows there is no ratio.
    const ratios = of.map(row => { const own = rows.find(other => other[0] === work && other[1] === "weir" && other[3] === row[3]); return own && row[4] / own[4]; }).filter(Boolean);
    cells.push([work, server, stores, [rates[0], median(rates), rates[rates.length - 1]].map(count).join(" / "), median(of.map(row => row[5])).toFixed(2),
      median(of.map(row => row[6])).toFixed(2), count(of.reduce((sum, row) => sum + Number(row[7]), 0)), ratios.length ? median(ratios).toFixed(3) : ""]);
  }
  cells.forEach((row, i) => { console.log("| " + row.join(" | ") + " |"); if (i === 0) console.log("|" + "---|".repeat(row.length)); });
' "$results"
