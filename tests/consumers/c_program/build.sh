#!/bin/bash
# Without CMake and without pkg-config, which knows it as mla-c. usage: build.sh OUT PREFIX LIBDIR
set -euo pipefail
cc -std=c11 -Wall -Wextra -Wpedantic -Werror "$(dirname "$0")/main.c" -I"$2/include" -L"$2/$3" -Wl,-rpath,"$2/$3" -lmla -o "$1"
[[ $(PKG_CONFIG_PATH=$2/$3/pkgconfig pkg-config --libs mla-c) == *-lmla* ]]
