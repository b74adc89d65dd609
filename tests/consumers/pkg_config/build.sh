#!/bin/bash
# One plain line. usage: build.sh OUT
set -euo pipefail
# shellcheck disable=SC2046
c++ -std=c++20 "$(dirname "$0")/../main.cc" $(pkg-config --cflags --libs mla) -o "$1"
