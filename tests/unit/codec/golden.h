#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/codec/messages.h"

namespace mla::codec::test {

/// One line of golden.jsonl: a message, and what it holds. *value*
struct Golden {
  std::string name;
  std::vector<std::byte> message;
  bool encodes = true;        ///< we write exactly these bytes for these frames; else they are only read
  std::uint64_t unknown = 0;  ///< frames of unknown kinds among them
  std::string frames;         ///< JSON array, as to_json() writes each
};
std::vector<Golden> load_golden(const char* path);

std::string to_hex(std::span<const std::byte> bytes);
std::vector<std::byte> from_hex(std::string_view hex);

/// What a whole message decodes to.
struct Decoded {
  std::vector<Frame> frames;
  bool malformed = false;
  std::uint64_t skipped = 0;
};
Decoded decode_all(std::span<const std::byte> message);

}  // namespace mla::codec::test
