# shellcheck shell=bash
# What the scripts in tools/ share. Sourced; sets `root`, the top of the tree.

root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
# shellcheck source=tools/lib/packages.sh
source "$root/tools/lib/packages.sh"

# say TEXT…: one line per step.
say() { printf '%s: %s\n' "${0##*/}" "$*"; }

# fail STATUS TEXT…: says why on stderr and ends.
fail() {
  local status=$1
  shift
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit "$status"
}

# ensure_packages NAME…: installs what is missing; asks nothing. Touches the network only when something is missing. Ends
# with 2 and the one line to type when this user may not install.
ensure_packages() {
  local missing=() package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] && continue
    # Other builds of Node bring npm themselves, and Debian's package conflicts with them.
    [[ $package == npm ]] && command -v npm >/dev/null && continue
    missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    say "packages: all $# are there"
    return
  fi
  local as_root=(env)
  if (($(id -u) != 0)); then
    as_root=(sudo -n)
    if ! sudo -n true 2>/dev/null; then
      printf 'sudo apt-get install -y --no-install-recommends %s\n' "${missing[*]}"
      fail 2 "these packages are missing and this user may not install them; the line above does it"
    fi
  fi
  say "packages: installing ${missing[*]}"
  local log
  log=$(mktemp)
  if ! {
    "${as_root[@]}" apt-get update -q &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "${missing[@]}"
  } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail 1 "apt-get failed, see above"
  fi
  rm -f "$log"
}

# build PRESET JOBS: configures build/PRESET when that was not done or the presets changed, and builds all of it.
build() {
  local preset=$1 jobs=$2 dir=$root/build/$1 log
  mkdir -p "$dir"
  log=$dir/tools.log
  if [[ ! -e $dir/build.ninja || $root/CMakePresets.json -nt $dir/build.ninja ]]; then
    say "configuring build/$preset"
    if ! (cd "$root" && cmake --preset "$preset") >"$log" 2>&1; then
      tail -n 30 "$log" >&2
      fail 1 "cmake --preset $preset failed, see above and $log"
    fi
    touch "$dir/build.ninja"
  fi
  say "building build/$preset with $jobs jobs"
  if ! cmake --build "$dir" -j "$jobs" >"$log" 2>&1; then
    grep -E -A 12 'FAILED|error' "$log" | head -n 60 >&2 || tail -n 30 "$log" >&2
    fail 1 "the build failed, see above and $log"
  fi
}
