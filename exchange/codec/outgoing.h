#pragma once
#include <mla/state.h>

#include <cstdint>
#include <optional>

#include "contracts/ids.h"
#include "exchange/codec/messages.h"

namespace mla::codec {

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
};

}  // namespace mla::codec
