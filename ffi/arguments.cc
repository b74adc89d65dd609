#include "ffi/arguments.h"

namespace mla::ffi {

std::vector<std::string> texts_of(const char* const* texts, std::size_t count, const char* what) {
  constexpr std::size_t kMost = 65536;  // beyond it somebody has passed no count
  if (count > kMost) throw Error(ErrorCode::argument, what);
  std::vector<std::string> all;
  all.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (!texts || !texts[i]) throw Error(ErrorCode::argument, what);
    all.emplace_back(texts[i]);
  }
  return all;
}

Result<ObjectDescriptor> object_of(const char* const* tags, std::size_t tag_count, const char* json) {
  if (!json) throw Error(ErrorCode::argument, "json");
  return ObjectDescriptor::parse(texts_of(tags, tag_count, "tags"), json);
}

}  // namespace mla::ffi
