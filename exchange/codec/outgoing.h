#pragma once
#include <mla/state.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "contracts/ids.h"
#include "exchange/codec/messages.h"

namespace mla::codec {

/// What a side of a link can read beyond plain data; told as names in HELLO and WELCOME. *value*
struct Codecs {
  bool splice = false;
  bool zstd = false;
  bool any() const { return splice || zstd; }
  bool operator==(const Codecs&) const = default;

  static Codecs all();  ///< that this build can read
  static Codecs named(const std::vector<std::string>& names);  ///< unknown ones count for nothing
  std::vector<std::string> names() const;
};

/// A state's data, not as it is: a difference to another state, or compressed. Shared by the links that it goes out on. *value*
struct Encoded {
  std::vector<std::byte> body;
  std::optional<std::uint64_t> base_nth;  // the state it is a difference to, of the same epoch; none: compressed as a whole
  std::uint64_t checksum = 0;             // of the data, with a base
  bool zstd = false;                      // else a splice
};
using EncodedPtr = std::shared_ptr<const Encoded>;

/// A state, or only its freshness, chosen to leave on a link. Its age is computed when it really leaves.
/// *value*
struct Outgoing {
  enum class Kind : std::uint8_t { state, fresh, carry };
  Kind kind = Kind::state;
  Handle handle;
  Stamp stamp;
  std::uint64_t nth = 0;
  PayloadPtr payload;                // none for fresh
  std::optional<Instant> synced_at;  // not synchronized: when it last was; none: synchronized
  bool confirm = false;              // as in StateFrame
  EncodedPtr encoded;                // none: the data as it is

  std::span<const std::byte> body() const { return encoded ? encoded->body : payload->data; }
};

/// What is to leave on a link. *value*
struct Taken {
  std::optional<Outgoing> state;  // none: nothing, or what the caller has already
  bool is_last = false;           // that: just what was taken for another link before, so it need not be made again
};

}  // namespace mla::codec
