#include <mla/error.h>

namespace mla {

std::string_view to_string(ErrorCode code) {
  switch (code) {
#define MLA_ERROR(name, number, group, text) \
  case ErrorCode::name:                      \
    return #name;
#include "mla/errors.def"
#undef MLA_ERROR
  }
  return "unknown";
}

std::string_view describe(ErrorCode code) {
  switch (code) {
#define MLA_ERROR(name, number, group, text) \
  case ErrorCode::name:                      \
    return text;
#include "mla/errors.def"
#undef MLA_ERROR
  }
  return "an error that this release does not know";
}

ErrorGroup group(ErrorCode code) {
  switch (code) {
#define MLA_ERROR(name, number, group, text) \
  case ErrorCode::name:                      \
    return ErrorGroup::group;
#include "mla/errors.def"
#undef MLA_ERROR
  }
  return ErrorGroup::internal;
}

std::string_view to_string(ErrorGroup group) {
  switch (group) {
    case ErrorGroup::none:
      return "none";
    case ErrorGroup::usage:
      return "usage";
    case ErrorGroup::connection:
      return "connection";
    case ErrorGroup::denied:
      return "denied";
    case ErrorGroup::timeout:
      return "timeout";
    case ErrorGroup::absent:
      return "absent";
    case ErrorGroup::limit:
      return "limit";
    case ErrorGroup::protocol:
      return "protocol";
    case ErrorGroup::internal:
      return "internal";
  }
  return "unknown";
}

namespace {

std::string sentence(ErrorCode code, const std::string& detail) {
  std::string text(describe(code));
  if (!detail.empty()) text += ": " + detail;
  return text;
}

}  // namespace

Error::Error(ErrorCode code, const std::string& detail)
    : std::runtime_error(sentence(code, detail)), code_(code) {}

}  // namespace mla
