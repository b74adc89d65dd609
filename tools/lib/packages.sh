# shellcheck shell=bash disable=SC2034
# The Debian 12 packages of the project, in one place. Sourced by tools/run and tools/test; the README's line for those who
# build by hand is compared with it by a test.

# To build and run mla-router and mla.
mla_build_packages=(
  build-essential cmake ninja-build pkg-config ccache
  libboost1.81-dev libsimdjson-dev libcbor-dev libabsl-dev libjemalloc-dev libssl-dev libzstd-dev liburing-dev libxxhash-dev
  libcli11-dev libspdlog-dev libfmt-dev libtomlplusplus-dev
)

# To build and run the tests, beside the above.
mla_test_packages=(git python3 python3-prometheus-client catch2 clang-14 lld-14 libclang-rt-14-dev emscripten nodejs npm chromium zsh fish
  valgrind abigail-tools python3-dev python3-cffi python3-hypothesis mypy python3-wheel python3-setuptools)
