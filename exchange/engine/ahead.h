#pragma once
#include <cstddef>
#include <utility>

#include "exchange/codec/codec.h"
#include "exchange/core/records.h"
#include "exchange/session/inbound.h"

namespace mla::engine {

/// Reads the frames of a message one ahead. Of many objects none is in the processor's caches, and to get there takes three
/// steps: the name, the record, what hangs on it. While one state is worked off, the next one's record comes, and the name of
/// the one after that; of the first, its name comes while it is read. *value, on the stack of one call*
class Ahead {
 public:
  struct Read {
    codec::Decoder::Outcome outcome;
    std::size_t bytes;  // of the frame
  };

  Ahead(const session::Inbound& in, codec::Decoder& decoder)
      : in_(in), decoder_(decoder), worth_it_(decoder.left() > kFew || in.objects() > kFewObjects) {
    look();
  }

  /// The next frame is in `frame` then, and the one after it in `following`, which is given as `frame` the next time.
  Read next(codec::Frame& frame, codec::Frame& following) {
    if (!std::exchange(begun_, true)) {
      read_into(frame);
      fetch_early();
    }
    const Read now = read_;
    if (now.outcome != codec::Decoder::Outcome::frame) return now;
    if (of_read_ && of_read_->record) of_read_->record->fetch_what_hangs_on();
    read_into(following);
    fetch_early();
    return now;
  }

 private:
  void read_into(codec::Frame& frame) {
    of_read_ = of_next_;
    read_ = {decoder_.next(frame), decoder_.frame_bytes()};
    look();
  }
  void fetch_early() const {
    if (of_read_ && of_read_->record) of_read_->record->fetch_early();
  }
  void look() {
    if (!worth_it_) return;
    const auto handle = decoder_.peek();
    of_next_ = handle ? in_.find(*handle) : nullptr;
    if (of_next_) __builtin_prefetch(of_next_);
  }

  static constexpr std::size_t kFew = 512;  // bytes, in which there are some states at most
  static constexpr std::size_t kFewObjects = 64;  // that are near at hand

  const session::Inbound& in_;
  codec::Decoder& decoder_;
  const bool worth_it_;
  Read read_{};
  bool begun_ = false;
  const names::Name *of_read_ = nullptr, *of_next_ = nullptr;  // whose states these are, if we know; names live until the step ends
};

}  // namespace mla::engine
