#!/usr/bin/env bash
# Builds everything and runs every test suite, from the cheapest to the dearest. A fresh machine needs the .NET 10 SDK only.
#
#   ./test.sh                  all suites
#   ./test.sh Model Log        the suites whose names contain one of the words
#   ./test.sh --list           names the suites in the order they run, and runs nothing
#
# The last line is `N passed, N failed, N skipped` over everything; the exit code is 0 only if nothing failed and something
# ran. With CI=true a missing peer program is a failure, not a skip. WEIR_SUITE_TIMEOUT (seconds, default 1800) bounds a suite.
set -uo pipefail

root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$root/eng/build.sh"
. "$root/eng/peers.sh"

results=$root/artifacts/test-results
suite_timeout=${WEIR_SUITE_TIMEOUT:-1800}
passed=0 failed=0 skipped=0

# cost SUITE: the order of the suites. What is not listed runs in the middle.
cost() {
  case $1 in
    Weir.Tidy) echo 10 ;;
    Weir.Model.Tests) echo 20 ;;
    Weir.Protocol.Tests) echo 21 ;;
    Weir.Simulation) echo 80 ;;
    Weir.CrashTests) echo 85 ;;
    Weir.Conformance) echo 90 ;;
    *) echo 50 ;;
  esac
}

# all_suites: every project folder under tests/, except helper programs, which say <WeirTestSuite>false</WeirTestSuite>.
all_suites() {
  local project name
  for project in "$root"/tests/*/*.csproj; do
    [ -f "$project" ] || continue
    if grep -q '<WeirTestSuite>false</WeirTestSuite>' "$project"; then continue; fi
    name=$(basename "$project" .csproj)
    echo "$(cost "$name") $name"
  done | sort -k1,1n -k2,2 | cut -d' ' -f2
}

# wanted SUITE PART...: true if no part is given or one of them occurs in the name, in any case.
wanted() {
  local name=${1,,} part; shift
  [ $# -gt 0 ] || return 0
  for part in "$@"; do
    case $name in *"${part,,}"*) return 0 ;; esac
  done
  return 1
}

# finish: the last line, and the exit code that goes with it.
finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  if [ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]; then exit 0; else exit 1; fi
}

# attribute NAME FILE: an attribute of the <assembly> element, 0 if there is none.
attribute() {
  local value
  value=$(grep -o '<assembly [^>]*>' "$2" | head -n 1 | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p")
  echo "${value:-0}"
}

# skip_reasons SUITE FILE: each reason once, with the tests it stands for (the first few by name).
skip_reasons() {
  sed 's/<test /\n<test /g' "$2" | tr '\r\n' '  ' | sed 's/<test /\n<test /g' | grep 'result="Skip"' \
    | sed -n 's/.* name="\([^"]*\)".*<reason>\(<!\[CDATA\[\)\{0,1\}\(.*\)<\/reason>.*/\3\t\1/p' \
    | sed 's/\]\]> *\t/\t/; s/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' | sort \
    | awk -F '\t' -v suite="$1" -v shown=5 '
        $1 != reason { if (count > shown) print "    and " count - shown " more"; reason = $1; count = 0; print "  " suite ": " reason }
        { count++; if (count <= shown) print "    " $2 }
        END { if (count > shown) print "    and " count - shown " more" }'
}

# run_suite NAME: runs one built suite and adds its counts.
run_suite() {
  local name=$1
  local program=$root/artifacts/bin/$name/release/$name
  local report=$results/$name.xml log=$results/$name.log code=0 before=$SECONDS
  local suite_passed suite_failed suite_skipped
  rm -f "$report"
  if [ ! -x "$program" ]; then
    echo "  FAILED $name: the build left no program at ${program#"$root"/} (is the project in Weir.slnx?)"
    failed=$((failed + 1))
    return
  fi
  echo "run  $name"
  # timeout(1) signals the process group that it made for the suite: the suite and what the suite started, nothing else.
  timeout --kill-after=15 "$suite_timeout" \
    "$program" -noColor -noLogo -noAutoReporters -xml "$report" </dev/null >"$log" 2>&1 || code=$?
  if [ ! -s "$report" ]; then
    cat "$log"
    if [ $code -eq 124 ] || [ $code -eq 137 ]; then
      echo "  FAILED $name: stopped after $suite_timeout seconds (WEIR_SUITE_TIMEOUT); its output is above"
    else
      echo "  FAILED $name: ended with exit code $code and without results; its output is above"
    fi
    failed=$((failed + 1))
    return
  fi
  suite_passed=$(attribute passed "$report")
  suite_failed=$(($(attribute failed "$report") + $(attribute errors "$report")))
  suite_skipped=$(attribute skipped "$report")
  # A suite that dies after its last test (a crash in disposal) must not look like a success.
  if [ $code -ne 0 ] && [ "$suite_failed" -eq 0 ]; then suite_failed=1; fi
  if [ "$suite_failed" -gt 0 ]; then cat "$log"; fi
  if [ "$suite_skipped" -gt 0 ]; then skip_reasons "$name" "$report" >> "$results/skipped.txt"; fi
  echo "  $name: $suite_passed passed, $suite_failed failed, $suite_skipped skipped ($((SECONDS - before)) s)"
  passed=$((passed + suite_passed)) failed=$((failed + suite_failed)) skipped=$((skipped + suite_skipped))
}

parts=() list=no
for argument in "$@"; do
  case $argument in
    --list) list=yes ;;
    -h|--help) sed -n '2,10s/^# \{0,1\}//p' "$root/test.sh"; exit 0 ;;
    -*) echo "test.sh: unknown option $argument (try --help)" >&2; exit 2 ;;
    *) parts+=("$argument") ;;
  esac
done

suites=()
while read -r suite; do
  if wanted "$suite" ${parts[@]+"${parts[@]}"}; then suites+=("$suite"); fi
done < <(all_suites)

if [ $list = yes ]; then
  [ ${#suites[@]} -eq 0 ] || printf '%s\n' "${suites[@]}"
  exit 0
fi
if [ ${#suites[@]} -eq 0 ]; then
  echo "no suite matches: ${parts[*]-}. There are:"
  all_suites | sed 's/^/  /'
  finish
fi

mkdir -p "$results"
rm -f "$results"/*.xml "$results"/*.log "$results"/skipped.txt

require_sdk || { failed=1; finish; }
case " ${suites[*]} " in
  *" Weir.Conformance "* | *" Weir.Server.Tests "* | *" Weir.Client.Tests "* | *" Weir.Producer.Tests "*) install_peers ;;
esac

stamp=$root/artifacts/all.built
for suite in "${suites[@]}"; do
  if [ ! -x "$root/artifacts/bin/$suite/release/$suite" ]; then rm -f "$stamp"; fi
done
if ! is_fresh "$stamp" src tests benchmarks eng samples; then
  if ! build_release Weir.slnx "$stamp" src tests benchmarks eng samples 2>&1; then failed=1; finish; fi
  # The solution holds the command too, so ./weir need not build it again.
  if [ -x "$root/artifacts/bin/Weir.Cli/release/weir" ]; then cp -p "$stamp" "$root/artifacts/weir.built"; fi
fi

export WEIR_PEERS_NODE=$peers_node/node_modules
for suite in "${suites[@]}"; do run_suite "$suite"; done

if [ -s "$results/skipped.txt" ]; then
  echo "skipped, and why:"
  cat "$results/skipped.txt"
fi
finish
