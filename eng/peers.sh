# Sourced by ./test.sh: the other programs the tests talk to. Real clients are worth more than mocks, so they are
# installed where that is possible; where it is not, their tests skip and say why (with CI=true they fail instead).

peers_node=$root/artifacts/peers/node

# npm package | version | what it is for. The SDK is the newest client whose model the server follows (see docs: the API's
# specification names the same version).
node_peers=(
  "@aws-sdk/client-kinesis|3.1143.0|the JavaScript SDK, a client over HTTP/2"
  "lifion-kinesis|1.3.3|a consumer library with leases, polling and with enhanced fan-out"
  "dynalite|4.0.0|a DynamoDB for its leases"
  "aws-kinesis-agg|4.2.8|an aggregation library, against whose bytes the producer is held"
  "kinesalite|3.3.3|another server, which the client and the producer have to work with unchanged, and the benchmarks compare"
  "kinesis-local|0.6.2|the same, one that has fan-out"
)

# Debian package | file or command that shows it is there | what it is for
debian_peers=(
  "awscli|/usr/bin/aws|the AWS command line, a client over HTTP/1.1"
  "python3-boto3|/usr/lib/python3/dist-packages/boto3/__init__.py|boto3, the Python SDK, a client over HTTP/1.1"
  "curl|curl|the examples of docs/test-controls.md for a shell"
  "python3-prometheus-client|/usr/lib/python3/dist-packages/prometheus_client/__init__.py|reads the metrics page"
  "nodejs|node|runs the clients written in JavaScript"
  "npm|npm|fetches the clients written in JavaScript"
)

# as_root COMMAND...: runs it as root, or fails quietly where we may not become root.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif sudo -n true 2>/dev/null; then sudo -n "$@"
  else return 1
  fi
}

install_debian_peers() {
  local missing=() entry package probe why
  for entry in "${debian_peers[@]}"; do
    IFS='|' read -r package probe why <<<"$entry"
    if command -v "$probe" >/dev/null 2>&1 || [ -e "$probe" ]; then continue; fi
    # Debian's npm depends on Debian's nodejs: where node came from elsewhere and brings its own npm, neither is needed.
    echo "needs $package: $why"
    missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local log=$root/artifacts/logs/apt.log
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "  not installed: this system has no apt-get. The tests that need it will skip."
    return 0
  fi
  echo "  installing with apt-get: ${missing[*]}"
  if as_root apt-get update -q </dev/null >"$log" 2>&1 \
      && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" \
        </dev/null >>"$log" 2>&1; then
    echo "  installed."
  else
    echo "  not installed (no root, or no network); the tests that need it will skip. Last lines of $log:"
    tail -n 3 "$log" | sed 's/^/    /'
  fi
}

has_node_peer() {
  local manifest=$peers_node/node_modules/$1/package.json
  [ -f "$manifest" ] && grep -q "\"version\" *: *\"$2\"" "$manifest"
}

install_node_peers() {
  local all=() missing=() entry package version why
  for entry in "${node_peers[@]}"; do
    IFS='|' read -r package version why <<<"$entry"
    all+=("$package@$version")
    if has_node_peer "$package" "$version"; then continue; fi
    echo "needs $package $version: $why"
    missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! command -v npm >/dev/null 2>&1; then
    echo "  not installed: there is no npm. The tests that need it will skip."
    return 0
  fi
  local log=$root/artifacts/logs/npm.log
  mkdir -p "$peers_node"
  echo "  installing with npm into ${peers_node#"$root"/}: ${missing[*]}"
  # Always all of them: without a package.json npm takes away what it is not told of.
  if npm install --prefix "$peers_node" --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel error \
      "${all[@]}" </dev/null >"$log" 2>&1; then
    echo "  installed."
  else
    echo "  not installed (no network?); the tests that need it will skip. Last lines of $log:"
    tail -n 3 "$log" | sed 's/^/    /'
  fi
}

install_peers() {
  mkdir -p "$root/artifacts/logs"
  install_debian_peers
  install_node_peers
}
