#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "contracts/containers.h"
#include "exchange/codec/compressor.h"
#include "exchange/codec/outgoing.h"
#include "exchange/session/pools.h"

namespace mla::session {

/// A state that a far side was sent last, by a number of ours. 0: nothing that we could build on.
struct Base {
  std::uint64_t number = 0;
  auto operator<=>(const Base&) const = default;
};

/// How large states leave: as they are, as a difference to what the far side has, or compressed. What was made for one link
/// serves all that have the same and read the same; what came as a difference goes on as it came. A few former states of an
/// object are kept while links have them. One for all links of an exchange. *loop-confined*
class Encodings {
 public:
  Encodings() = default;
  Encodings(const Encodings&) = delete;
  Encodings& operator=(const Encodings&) = delete;

  /// Chooses for a link whose far side has `base` and reads `can`: sets state.encoded where that makes it smaller. Answers what
  /// the far side has once this has left; `base` is let go.
  Base choose(codec::Outgoing& state, Base base, codec::Codecs can);
  /// The far side of some link does not have it any more, or it is not known.
  void let_go(codec::Handle handle, Base base);

  /// What brings just one state: the pieces of one that does not go into a message, and the message that ends it.
  struct Messages {
    std::vector<Bytes> pieces;
    Bytes last;
  };
  /// That bring this state, if they were the last to be kept; else none.
  const Messages* messages_of(const codec::Outgoing& state) const {
    const codec::Outgoing& last = last_.state;
    const bool same = last_.messages.last && last.payload == state.payload && last.nth == state.nth && last.handle == state.handle &&
                      last.encoded == state.encoded && last.confirm == state.confirm && last.kind == state.kind &&
                      !state.synced_at && last.stamp == state.stamp;
    return same ? &last_.messages : nullptr;
  }
  /// The state that messages were kept of last, if one brings it as it is; else none.
  const codec::Outgoing* in_one_message() const {
    return last_.messages.last && last_.messages.pieces.empty() && !last_.state.encoded ? &last_.state : nullptr;
  }
  const Bytes& its_message() const { return last_.messages.last; }
  /// Is there more than one link that has something to send?
  void many_links(bool many) { many_links_ = many; }
  /// They hold nothing else. Only as long as a step takes: what is not synchronized grows older.
  void keep_messages(const codec::Outgoing& state, std::span<const Bytes> pieces, const Bytes& last) {
    if (!many_links_ || state.kind != codec::Outgoing::Kind::state || state.synced_at) return;
    used_ = true;
    last_.state = state;
    last_.messages.pieces.assign(pieces.begin(), pieces.end());
    last_.messages.last = last;
  }

  /// A state came encoded; kept until end_of_step(), so that it may go on as it came.
  void came(codec::Handle handle, const codec::Stamp& stamp, std::uint64_t nth, codec::EncodedPtr encoded);
  void end_of_step() {
    if (!std::exchange(used_, false)) return;
    came_.clear();
    last_.messages.pieces.clear();
    last_.messages.last.reset();
    last_.state.payload.reset();
    last_.state.encoded.reset();
  }

  codec::Compressor& compressor() { return compressor_; }
  std::size_t objects() const { return histories_.size(); }

 private:
  struct Kept {
    Base base;
    std::uint64_t nth = 0;
    PayloadPtr payload;
    std::uint32_t links = 0;  // that have it
  };
  struct Made {
    Base from;  // none: from nothing
    codec::Codecs can;
    codec::EncodedPtr encoded;  // none: it goes best as it is
  };
  struct History {
    Epoch epoch;
    std::vector<Kept> kept;  // the newest last
    std::vector<Made> made;  // of the newest
    std::optional<std::uint64_t> sum;  // of the newest, once it was asked for
    std::uint32_t fruitless = 0, rest = 0;  // zstd: how often in vain, and how many states it is not tried for
  };
  struct Came {
    Epoch epoch;
    std::uint64_t nth = 0;
    codec::EncodedPtr encoded;
  };
  static constexpr std::size_t kMostKept = 4;

  void begin(History& h, const codec::Outgoing& state);
  codec::EncodedPtr make(History& h, const codec::Outgoing& state, const Kept* from, codec::Codecs can);
  static codec::EncodedPtr spliced(History& h, const Kept& from, const codec::Outgoing& state);
  /// Says what `encoded` builds on, and what comes of it.
  static void build_on(codec::Encoded& encoded, History& h, const Kept& from, const codec::Outgoing& state);
  codec::EncodedPtr compressed(History& h, const codec::Outgoing& state, const Kept* from, std::size_t best);
  static Kept* find(History& h, Base base);
  static void trim(History& h);

  bool used_ = false;  // something is kept until end_of_step(); looked at in each
  bool many_links_ = true;
  codec::Compressor compressor_;
  std::uint64_t numbers_ = 0;
  FlatMap<std::uint64_t, std::unique_ptr<History>> histories_;
  FlatMap<std::uint64_t, Came> came_;
  struct Last {
    codec::Outgoing state;
    Messages messages;
  } last_;
};

}  // namespace mla::session
