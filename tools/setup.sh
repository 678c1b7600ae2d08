# Sourced by ./run, ./test, deploy/test and tools/fuzz: installs what the project
# is built with.

# setup PACKAGE...: installs the Debian packages that are missing; says which.
setup() {
  local id='' version=''
  if [ -r /etc/os-release ]; then
    id=$(. /etc/os-release && echo "${ID:-}")
    version=$(. /etc/os-release && echo "${VERSION_ID:-}")
  fi
  if [ "$id" != debian ] || [ "$version" != 12 ]; then
    cat >&2 <<EOF
$0: this is ${id:-an unknown system} ${version}, and mentiond is built with Debian 12's packages.
Build it in a container instead:
  docker build --tag mentiond --file deploy/Dockerfile .
EOF
    return 1
  fi

  local missing
  # dpkg-query fails when it does not know one, which is what this is to find.
  missing=$({ dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true; } |
    awk '$1 == "installed" { print $2 }' | sort -u |
    comm -13 - <(printf '%s\n' "$@" | sort -u) | tr '\n' ' ')
  [ -n "${missing// /}" ] || return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "$0: not root and no sudo; as root, install: $missing" >&2
      return 1
    }
    as_root=(sudo)
  fi
  local count
  count=$(wc -w <<<"$missing")
  echo "$0: installing $count Debian packages, once, with what they need (a minute or two): $missing" >&2
  # A terminal shows what apt does.
  local quiet=--quiet=2
  [ ! -t 2 ] || quiet=--quiet=0
  # In a shell of its own, whose end undoes what it did, whatever ends it.
  (
    # Services that come with them are for tests, which start their own: none
    # must run because it was installed.
    policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}
    if [ ! -e "$policy" ] || grep --quiet --fixed-strings "$POLICY_MARK" "$policy"; then
      trap '"${as_root[@]}" rm -f "$policy"' EXIT
      trap 'exit 1' INT TERM HUP
      printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" | "${as_root[@]}" tee "$policy" >/dev/null
      "${as_root[@]}" chmod +x "$policy"
    fi
    # shellcheck disable=SC2086  # a list of words
    "${as_root[@]}" apt-get update "$quiet" </dev/null >&2 &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes "$quiet" --no-install-recommends $missing </dev/null >&2
  )
}

# By this line a policy that an earlier run could not undo is known as ours.
POLICY_MARK='# Made by tools/setup.sh of mentiond while it installs packages.'

# setup_build TARGET...: builds them, and says beforehand if it takes long.
setup_build() {
  [ -e bazel-bin/server/mentiond ] ||
    echo "$0: building, which takes about 6 minutes the first time" >&2
  local progress=(--show_progress_rate_limit=20 --curses=no)
  [ ! -t 2 ] || progress=()
  bazel build --ui_event_filters=-info "${progress[@]}" "$@" >&2
}

# setup_go: puts Go on PATH, and the programs that checks need and Debian lacks.
# Installs what is missing by Go's module proxy: the programs, and where Go is
# older than they need, a newer one. Fails, with a line, where that is out of reach.
setup_go() {
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/mentiond module program directory
  PATH=$PATH:/usr/local/go/bin
  if [[ $(go env GOVERSION 2>/dev/null) < "go${GO_VERSION%.*}" ]]; then
    setup golang-go || return 1
    if [ ! -x "$cache/$GO_VERSION/bin/go" ]; then
      echo "$0: installing Go $GO_VERSION, once" >&2
      module=golang.org/toolchain@v0.0.1-go$GO_VERSION.linux-$(dpkg --print-architecture)
      directory=$(go mod download -json "$module" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p') || return 1
      mkdir -p "$cache"
      cp --recursive "$directory" "$cache/$GO_VERSION.new"
      # A module has no executable files.
      chmod --recursive u+w "$cache/$GO_VERSION.new"
      chmod --recursive +x "$cache/$GO_VERSION.new/bin" "$cache/$GO_VERSION.new/pkg/tool"
      mv "$cache/$GO_VERSION.new" "$cache/$GO_VERSION"
    fi
    PATH=$cache/$GO_VERSION/bin:$PATH
  fi
  for module in "${GO_PROGRAMS[@]}"; do
    directory=$cache/${module//\//_}
    program=$(basename "${module%@*}")
    [[ $program != v[0-9] ]] || program=$(basename "$(dirname "${module%@*}")")
    if [ ! -x "$directory/$program" ]; then
      echo "$0: installing $program by Go, once (a minute)" >&2
      GOBIN=$directory go install "$module" || return 1
    fi
    PATH=$directory:$PATH
  done
}

GO_VERSION=1.25.5
GO_PROGRAMS=(
  github.com/bazelbuild/buildtools/buildifier@v0.0.0-20250930140053-2eb4fccefb52
  github.com/bufbuild/buf/cmd/buf@v1.65.0
  github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3
  sigs.k8s.io/kustomize/kustomize/v5@v5.8.1
)

# What ./run needs to build the programs.
BUILD_PACKAGES=(
  bazel-bootstrap bazel-rules-cc bazel-rules-java bazel-rules-proto
  g++ git
  libabsl-dev libasio-dev libcli11-dev
  libcmark-gfm-dev libcmark-gfm-extensions-dev
  libcpp-httplib-dev libcurl4-openssl-dev libfmt-dev libgoogle-glog-dev
  libgrpc++-dev libmimalloc-dev libprotobuf-dev libssl-dev protobuf-compiler protobuf-compiler-grpc
  grpc-proto libunistring-dev prometheus-cpp-dev rapidjson-dev zlib1g-dev ca-certificates
)

# What ./test needs besides: to build the tests, and to look at the code.
TEST_PACKAGES=(
  haproxy libgtest-dev libgmock-dev librapidcheck-dev prometheus nginx libnginx-mod-http-echo openssl
  python3-graphql-core python3-grpcio
  clang-format-16 clang-tidy-16
)

# What deploy/test needs besides: to make a base image where no registry can be
# reached, and for the subscribers and checks that are written in Python.
DEPLOY_PACKAGES=(mmdebstrap python3-grpcio python3-protobuf python3-yaml python3-jsonschema bsdextrautils)

# What tools/fuzz needs besides.
FUZZ_PACKAGES=(clang-16 libclang-rt-16-dev)
