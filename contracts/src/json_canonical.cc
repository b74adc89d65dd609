#include "contracts/src/json_canonical.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "contracts/src/json_number.h"
#include "contracts/src/json_string.h"

namespace mla::detail {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// Deeper than any value that is accepted (a descriptor's text puts two arrays around its tags), so that the
// walk and not the parser says which depth is too great.
constexpr std::size_t kParserDepth = 2 * kMaxDepth;

// One parser per thread, of a size that serves every canonical text; longer texts bring their own and give it
// back.
struct Reader {
  explicit Reader(std::size_t bytes)
      : capacity(bytes), padded(std::make_unique<char[]>(bytes + simdjson::SIMDJSON_PADDING)) {
    ready = parser.allocate(bytes, kParserDepth) == simdjson::SUCCESS;
  }
  std::size_t capacity;
  std::unique_ptr<char[]> padded;
  simdjson::dom::parser parser;
  bool ready;
};

Reader& reader_for(std::size_t bytes) {
  thread_local Reader usual(kMaxCanonicalBytes);
  thread_local std::unique_ptr<Reader> large;
  large.reset();
  if (bytes <= usual.capacity) return usual;
  large = std::make_unique<Reader>(kMaxInputBytes);
  return *large;
}

ErrorCode classify(simdjson::error_code error, std::string_view text) {
  switch (error) {
    case simdjson::SUCCESS:
      return ErrorCode::ok;
    case simdjson::STRING_ERROR:  // a bad escape, and half of a surrogate pair
      return has_lone_surrogate(text) ? ErrorCode::json_encoding : ErrorCode::json_syntax;
    case simdjson::UTF8_ERROR:
      return ErrorCode::json_encoding;
    case simdjson::DEPTH_ERROR:
      return ErrorCode::json_depth;
    case simdjson::NUMBER_ERROR:  // also what the parser says of an integer beyond 64 bits and of 1e400
      return inspect_numbers(text) == NumberTokens::too_great ? ErrorCode::json_number
                                                              : ErrorCode::json_syntax;
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return ErrorCode::descriptor_too_large;
    default:
      return ErrorCode::json_syntax;
  }
}

class Writer {
 public:
  Writer(std::string_view source, std::string& out)
      : source_(source), out_(out), bound_(out.size() + kMaxCanonicalBytes) {}

  ErrorCode write(element value, std::size_t depth) {
    const ErrorCode error = write_unbounded(value, depth);
    if (error != ErrorCode::ok) return error;
    return out_.size() > bound_ ? ErrorCode::descriptor_too_large : ErrorCode::ok;
  }

 private:
  ErrorCode write_unbounded(element value, std::size_t depth) {
    switch (value.type()) {
      case element_type::NULL_VALUE:
        out_ += "null";
        return ErrorCode::ok;
      case element_type::BOOL:
        out_ += value.get_bool().value_unsafe() ? "true" : "false";
        return ErrorCode::ok;
      case element_type::STRING:
        append_string(value.get_string().value_unsafe(), out_);
        return ErrorCode::ok;
      case element_type::INT64: {
        const std::int64_t number = value.get_int64().value_unsafe();
        constexpr std::int64_t kGreatest = std::int64_t{1} << 53;
        return number > kGreatest || number < -kGreatest ? ErrorCode::json_number
                                                         : write_number(static_cast<double>(number));
      }
      case element_type::UINT64:  // only what is beyond int64
        return ErrorCode::json_number;
      case element_type::DOUBLE:
        return write_double(value.get_double().value_unsafe());
      case element_type::ARRAY:
        return write_array(value.get_array().value_unsafe(), depth + 1);
      case element_type::OBJECT:
        return write_object(value.get_object().value_unsafe(), depth + 1);
    }
    return ErrorCode::json_syntax;
  }

  ErrorCode write_number(double value) {
    return append_number(value, out_) ? ErrorCode::ok : ErrorCode::json_number;
  }

  // 9007199254740992.5 and 9007199254740993.0 have been rounded to 2^53 when they come here, so there the
  // text decides.
  ErrorCode write_double(double value) {
    if (std::fabs(value) == kGreatestNumber && inspect_numbers(source_) != NumberTokens::fine)
      return ErrorCode::json_number;
    return write_number(value);
  }

  ErrorCode write_array(simdjson::dom::array items, std::size_t depth) {
    if (depth > kMaxDepth) return ErrorCode::json_depth;
    char before = '[';
    for (const element item : items) {
      out_ += std::exchange(before, ',');
      if (const ErrorCode error = write(item, depth); error != ErrorCode::ok) return error;
    }
    if (before == '[') out_ += '[';
    out_ += ']';
    return ErrorCode::ok;
  }

  ErrorCode write_object(simdjson::dom::object object, std::size_t depth) {
    if (depth > kMaxDepth) return ErrorCode::json_depth;
    std::vector<std::pair<std::string_view, element>> fields;
    for (const auto field : object) fields.emplace_back(field.key, field.value);
    std::sort(fields.begin(), fields.end(),
              [](const auto& a, const auto& b) { return less_by_utf16(a.first, b.first); });
    const auto same_key = [](const auto& a, const auto& b) { return a.first == b.first; };
    if (std::adjacent_find(fields.begin(), fields.end(), same_key) != fields.end())
      return ErrorCode::json_duplicate_key;
    char before = '{';
    for (const auto& [key, value] : fields) {
      out_ += std::exchange(before, ',');
      append_string(key, out_);
      out_ += ':';
      if (const ErrorCode error = write(value, depth); error != ErrorCode::ok) return error;
    }
    if (before == '{') out_ += '{';
    out_ += '}';
    return ErrorCode::ok;
  }

  std::string_view source_;
  std::string& out_;
  std::size_t bound_;
};

}  // namespace

ErrorCode parse_json(std::string_view text, element* root) {
  if (text.size() > kMaxInputBytes) return ErrorCode::descriptor_too_large;
  Reader& reader = reader_for(text.size());
  if (!reader.ready) return ErrorCode::descriptor_too_large;
  std::memcpy(reader.padded.get(), text.data(), text.size());
  std::memset(reader.padded.get() + text.size(), 0, simdjson::SIMDJSON_PADDING);
  const simdjson::error_code error = reader.parser.parse(reader.padded.get(), text.size(), false).get(*root);
  return classify(error, text);
}

ErrorCode append_canonical(element value, std::string_view source, std::string& out) {
  return Writer(source, out).write(value, 0);
}

}  // namespace mla::detail
