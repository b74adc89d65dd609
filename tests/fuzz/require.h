#pragma once
#include <cstdio>
#include <cstdlib>

namespace mla::test {

/// What must hold whatever the input says; a fuzzer takes the abort for a finding.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace mla::test
