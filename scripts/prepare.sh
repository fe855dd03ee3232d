# Checks what a machine must have, and builds the kernel's command. For scripts/lab and scripts/test.
# shellcheck shell=bash

lacks=0
lack() {
  echo "✗ $*" >&2
  lacks=1
}

# Go: any version from 1.21 on can fetch the one that go.mod names.
if ! command -v go >/dev/null; then
  lack "Go is missing: install Go 1.21 or later from https://go.dev/dl and open a new terminal."
else
  have=$(cd / && GOTOOLCHAIN=local go env GOVERSION)
  case "$have" in
  go1.? | go1.?.* | go1.1? | go1.1?.* | go1.20 | go1.20.*)
    lack "Go is $have, too old: install Go 1.21 or later from https://go.dev/dl and open a new terminal." ;;
  esac
fi

command -v git >/dev/null ||
  lack "git is missing: install it from https://git-scm.com (on Debian and Ubuntu: sudo apt install git)."

# Python runs JupyterLab; the lesson itself has none of it.
python=
old=
names=(python3 python python3.14 python3.13 python3.12 python3.11 python3.10)
[ -z "${GOPHERLENS_PYTHON:-}" ] || names=("$GOPHERLENS_PYTHON")
for name in "${names[@]}"; do
  command -v "$name" >/dev/null || continue
  version=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
  case "$version" in
  2.* | 3.[0-9]) old=$version; continue ;;
  esac
  if "$name" -c 'import ensurepip, venv' 2>/dev/null; then
    python=$name
    break
  fi
  old=venv
done
if [ -z "$python" ]; then
  case "$old" in
  "") lack "Python is missing${GOPHERLENS_PYTHON:+ (GOPHERLENS_PYTHON=$GOPHERLENS_PYTHON)}: install Python 3.10 or later from https://www.python.org/downloads." ;;
  venv) lack "Python's venv module is missing: install it (on Debian and Ubuntu: sudo apt install python3-venv)." ;;
  *) lack "Python is $old, too old: install Python 3.10 or later from https://www.python.org/downloads." ;;
  esac
fi
[ $lacks = 0 ] || exit 1

# during UNIT MEASURE COMMAND…: runs a command and says every few seconds how far it is.
during() {
  local unit=$1 measure=$2 status=0
  shift 2
  # It ends with the script, even if that is killed.
  (while sleep 5 && kill -0 $$; do echo "  … $(eval "$measure") $unit"; done) 2>/dev/null &
  local watcher=$!
  # shellcheck disable=SC2064
  trap "kill $watcher" EXIT
  "$@" || status=$?
  kill $watcher
  trap - EXIT
  return $status
}

# why LOG: the reason that a go command gives for its failure, in a sentence.
why() {
  if grep -qE 'dial tcp|no such host|i/o timeout|connection re|TLS|lookup disabled' "$1"; then
    echo "no network; start it again when you are online (details: $1)."
  else
    echo "$(tail -n 1 "$1") (details: $1)"
  fi
}

if ! { mkdir -p .lab/bin .lab/log && : >>.lab/log/kernel.log; } 2>/dev/null; then
  lack "Nothing can be written to $PWD/.lab: move the clone to a folder of your own, or free some disk space."
  exit 1
fi
# The user's own flags must not change what is built here.
unset GOROOT GOOS GOARCH GO111MODULE GOBIN GOEXPERIMENT
version=go$(sed -n 's/^go //p' go.mod)
export GOTOOLCHAIN=$version GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0

cache=$(cd / && GOTOOLCHAIN=local go env GOMODCACHE)
log=.lab/log/toolchain.log
if ! root=$(ls -d "$cache/golang.org/toolchain@v0.0.1-$version."*/ 2>/dev/null); then
  [ "$have" = "$version" ] || echo "• Fetching $version, once (about 70 MB) …"
  during MB "du -sm '$cache/cache/download/golang.org/toolchain' 2>/dev/null | cut -f1" go env GOROOT >$log.root 2>$log || {
    lack "$version cannot be fetched: $(why $log)"
    exit 1
  }
  root=$(cat $log.root)
  rm $log.root
fi
export PATH=${root%/}/bin:$PATH
export GOEXPERIMENT=simd # older versions of Go do not know it

log=.lab/log/kernel.log
[ -x .lab/bin/gopherlens-kernel ] || echo "• Building the set-up …"
during packages "grep -vc downloading $log" go build -v -o .lab/bin/gopherlens-kernel ./kernel 2>$log || {
  lack "The set-up cannot be built: $(why $log)"
  exit 1
}
