# Sourced by ./test.sh: the other programs the tests talk to. Real clients are worth more than mocks, so they are
# installed where that is possible; where it is not, their tests skip and say why (with CI=true they fail instead).

# The newest client whose model the server follows (see docs: the API's specification names the same version).
kinesis_js_version=3.1143.0
peers_node=$root/artifacts/peers/node

# Debian package | file or command that shows it is there | what it is for
debian_peers=(
  "awscli|/usr/bin/aws|the AWS command line, a client over HTTP/1.1"
  "python3-boto3|/usr/lib/python3/dist-packages/boto3/__init__.py|boto3, the Python SDK, a client over HTTP/1.1"
  "curl|curl|the examples of docs/test-controls.md for a shell"
  "nodejs|node|runs the JavaScript SDK, a client over HTTP/2"
  "npm|npm|fetches the JavaScript SDK"
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

install_node_peers() {
  local installed=$peers_node/node_modules/@aws-sdk/client-kinesis/package.json
  if [ -f "$installed" ] && grep -q "\"version\": \"$kinesis_js_version\"" "$installed"; then return 0; fi
  echo "needs @aws-sdk/client-kinesis $kinesis_js_version: the JavaScript SDK, a client over HTTP/2"
  if ! command -v npm >/dev/null 2>&1; then
    echo "  not installed: there is no npm. The tests that need it will skip."
    return 0
  fi
  local log=$root/artifacts/logs/npm.log
  mkdir -p "$peers_node"
  echo "  installing with npm into ${peers_node#"$root"/}"
  if npm install --prefix "$peers_node" --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel error \
      "@aws-sdk/client-kinesis@$kinesis_js_version" </dev/null >"$log" 2>&1; then
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
