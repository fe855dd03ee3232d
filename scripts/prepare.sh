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
for name in ${GOPHERLENS_PYTHON:-python3 python python3.14 python3.13 python3.12 python3.11 python3.10}; do
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
  "") lack "Python is missing: install Python 3.10 or later from https://www.python.org/downloads." ;;
  venv) lack "Python's venv module is missing: install it (on Debian and Ubuntu: sudo apt install python3-venv)." ;;
  *) lack "Python is $old, too old: install Python 3.10 or later from https://www.python.org/downloads." ;;
  esac
fi
[ $lacks = 0 ] || exit 1

# The user's own flags must not change what is built here.
unset GOROOT GOOS GOARCH GO111MODULE GOBIN
version=go$(sed -n 's/^go //p' go.mod)
export GOTOOLCHAIN=$version GOFLAGS=-mod=readonly GOWORK=off GOEXPERIMENT=simd CGO_ENABLED=0
mkdir -p .lab/bin .lab/log
cache=$(cd / && GOTOOLCHAIN=local go env GOMODCACHE)
if [ "$have" != "$version" ] && ! ls -d "$cache/golang.org/toolchain@v0.0.1-$version."* >/dev/null 2>&1; then
  echo "• Fetching $version, once (about 70 MB) …"
  (
    while sleep 5; do
      echo "  … $(du -sm "$cache/cache/download/golang.org/toolchain" 2>/dev/null | cut -f1) MB"
    done
  ) &
  watcher=$!
  if ! said=$(go version 2>&1); then
    kill $watcher
    echo "$said" >.lab/log/toolchain.log
    lack "$version cannot be fetched; start it again when you are online (details: .lab/log/toolchain.log)."
    exit 1
  fi
  kill $watcher
fi
if ! go build -o .lab/bin/gopherlens-kernel ./kernel 2>.lab/log/kernel.log; then
  lack "The kernel's command cannot be built: $(tail -n 1 .lab/log/kernel.log) (details: .lab/log/kernel.log)"
  exit 1
fi
