#pragma once
#include <mla/error.h>
#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace mla::detail {

/// Bounds of an identity. Two exchanges must agree on them, hence they are not among the settable limits.
inline constexpr std::size_t kMaxCanonicalBytes = 4096;
inline constexpr std::size_t kMaxDepth = 16;  // a scalar has depth 0, each array or object around it adds one
inline constexpr std::size_t kMaxInputBytes = 64 << 10;  // of text yet to be made canonical
inline constexpr std::size_t kMaxTags = 16;

/// Parses `text` (at most kMaxInputBytes) into `*root`, which lives until the next call on this thread.
/// Everything that makes a text no JSON is found here, and lone surrogates; what is wrong with a well-formed
/// value is append_canonical's.
ErrorCode parse_json(std::string_view text, simdjson::dom::element* root);

/// Appends the canonical text of `value` to `out`, as far as it goes when the answer is an error. `source` is
/// the text that parse_json() read. Errors: json_number, json_duplicate_key, json_depth, descriptor_too_large
/// (more than kMaxCanonicalBytes appended).
ErrorCode append_canonical(simdjson::dom::element value, std::string_view source, std::string& out);

}  // namespace mla::detail
