# Shared by ./weir and ./test.sh, and sourced, not run: decides whether a Release build is older than its sources, and
# builds at most once when several callers start together. Everything it says goes to stderr; stdout belongs to the caller.
#
# Expects $root (the repository) to be set. Asking costs one `find`; MSBuild is not started to answer "nothing changed".

# Files outside src/ and tests/ that change what the compiler produces.
build_inputs=(Directory.Build.props Directory.Packages.props global.json BannedSymbols.txt .editorconfig Weir.slnx)

# is_fresh STAMP FOLDER...: true when no source is newer than the stamp. Folders count too, so a deleted file is noticed.
is_fresh() {
  local stamp=$1; shift
  [ -f "$stamp" ] || return 1
  local paths=() path
  for path in "$@" "${build_inputs[@]}"; do
    if [ -e "$root/$path" ]; then paths+=("$root/$path"); fi
  done
  [ -z "$(find "${paths[@]}" -newer "$stamp" -print -quit)" ]
}

# require_sdk: explains what is missing instead of leaving the reader with "command not found".
require_sdk() {
  if ! command -v dotnet >/dev/null 2>&1; then
    echo "weir: the .NET 10 SDK is needed to build, and no 'dotnet' is on the PATH." >&2
    echo "weir: get it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again." >&2
    return 1
  fi
  if ! dotnet --list-sdks 2>/dev/null </dev/null | grep -q '^1[0-9]\.'; then
    echo "weir: the .NET 10 SDK is needed to build; '$(command -v dotnet)' has no SDK of version 10 or later." >&2
    echo "weir: get it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again." >&2
    return 1
  fi
}

# build_release WHAT STAMP FOLDER...: builds a project or solution unless somebody else did while we waited for the lock.
# The stamp carries the time the build *started*, so that a source saved during the build makes the next call build again.
build_release() {
  local what=$1 stamp=$2; shift 2
  mkdir -p "$root/artifacts/logs"
  local log="$root/artifacts/logs/build-${what##*/}.log"
  (
    if command -v flock >/dev/null 2>&1; then flock 9; fi
    if is_fresh "$stamp" "$@"; then exit 0; fi
    echo "weir: building ${what} (Release) ..." >&2
    : > "$stamp.started"
    # The build's long-lived helpers inherit what is open here, so they get no terminal, no pipe and not the lock.
    if (cd "$root" && dotnet msbuild "$what" -restore -p:Configuration=Release -nologo -v:quiet -nodeReuse:false) \
        </dev/null >"$log" 2>&1 9>&-; then
      mv -f "$stamp.started" "$stamp"
    else
      rm -f "$stamp.started"
      cat "$log" >&2
      echo "weir: the build failed; the output above is also in $log" >&2
      exit 1
    fi
  ) 9>"$root/artifacts/.build.lock"
}
