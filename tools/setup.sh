# Sourced by ./run, ./test and tools/fuzz: installs what the project is built with.
#
# setup PACKAGE...  installs the Debian packages that are missing; says which.

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
  echo "$0: installing Debian packages: $missing" >&2
  # Services that come with them are for tests, which start their own: nothing
  # is to run because it was installed.
  local policy=/usr/sbin/policy-rc.d own_policy=
  if [ ! -e "$policy" ]; then
    own_policy=1
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod +x "$policy"
  fi
  local failed=
  # shellcheck disable=SC2086  # a list of words
  "${as_root[@]}" apt-get update --quiet=2 </dev/null >&2 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install --yes --quiet=2 --no-install-recommends $missing </dev/null >&2 ||
    failed=1
  [ -z "$own_policy" ] || "${as_root[@]}" rm -f "$policy"
  [ -z "$failed" ]
}

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
