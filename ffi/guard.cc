#include "ffi/guard.h"

#include <algorithm>
#include <cstring>

namespace mla::ffi {
namespace {

// Put together when it is asked for: most failures are "nothing yet", and nobody reads their sentence.
struct Last {
  ErrorCode code = ErrorCode::ok;
  char text[512] = {};
};
thread_local Last last;

void append(char*& at, std::string_view text) {
  const std::size_t size = std::min<std::size_t>(text.size(), last.text + sizeof last.text - 1 - at);
  at = std::copy_n(text.data(), size, at);
  *at = 0;
}

}  // namespace

mla_status fail(ErrorCode code, std::string_view detail) noexcept {
  last.code = code;
  last.text[0] = 0;
  if (!detail.empty()) {
    char* at = last.text;
    append(at, describe(code));
    append(at, ": ");
    append(at, detail);
  }
  return status_of(code);
}

mla_status fail_with(ErrorCode code, std::string_view sentence) noexcept {
  last.code = code;
  char* at = last.text;
  append(at, sentence);
  return status_of(code);
}

const char* last_message() noexcept {
  return last.text[0] ? last.text : describe(last.code).data();  // a literal, so it ends with 0
}

mla_status fail(WaitStatus status) noexcept {
  switch (status) {
    case WaitStatus::item:
      return kOk;
    case WaitStatus::timed_out:
      return fail(ErrorCode::timed_out);
    case WaitStatus::ended:
      return fail(ErrorCode::ended);
    case WaitStatus::busy:
      return fail(ErrorCode::busy);
    case WaitStatus::would_deadlock:
      return fail(ErrorCode::would_deadlock);
    case WaitStatus::cancelled:
      break;
  }
  return fail(ErrorCode::internal);
}

}  // namespace mla::ffi
