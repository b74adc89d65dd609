#pragma once
#include <mla/limits.h>
#include <mla/result.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "contracts/containers.h"
#include "exchange/codec/messages.h"
#include "exchange/names/names.h"
#include "exchange/session/handle_table.h"

namespace mla::session {

/// The receiving half's memory of one link: the peer's handles, and large states that arrive in parts.
/// Allocates as bytes arrive, never by what the peer announces. *loop-confined*
class Inbound {
 public:
  Inbound(const Limits& limits, names::Names& names) : limits_(limits), names_(names) {}
  ~Inbound();
  Inbound(const Inbound&) = delete;
  Inbound& operator=(const Inbound&) = delete;

  /// ok, bad_handle (named twice), bad_descriptor, descriptor_too_large, too_many_tags, too_many_objects
  ErrorCode define(const codec::DefineObject& m);
  ErrorCode release(codec::Handle handle);            ///< ok or bad_handle
  names::Name* find(codec::Handle handle) const { return objects_.find(handle); }  ///< none: never named, or released
  /// ok, bad_transfer, too_many_transfers
  ErrorCode part(codec::Part part);
  /// Puts the whole data of a state whose last piece came into `data`, and leaves what room that had in the frame.
  /// False: it was too large and is left out. bad_transfer: the parts do not fit.
  Result<bool> complete(codec::StateFrame& m, std::vector<std::byte>& data);
  /// A difference came to what is not here. True: the peer is to be asked for the state as a whole; false: it was, already.
  bool ask_whole(codec::Handle handle) {
    if (!asked_) asked_ = std::make_unique<FlatSet<std::uint64_t>>();
    return asked_->insert(handle.value).second;
  }
  void came_whole(codec::Handle handle) {
    if (asked_) asked_->erase(handle.value);
  }
  void left_out() { ++oversized_; }
  std::size_t objects() const { return objects_.size(); }
  std::uint64_t oversized() const { return oversized_; }

 private:
  struct Assembly {
    std::vector<std::byte> bytes;
    std::uint64_t total = 0;  // counts on when the bytes are no longer kept
  };
  // What every state has to do with, in what is left of two lines of the processor's caches. Few links have the two others ever.
  const Limits& limits_;
  HandleTable objects_;
  std::unique_ptr<FlatMap<std::uint64_t, Assembly>> assemblies_;
  std::unique_ptr<FlatSet<std::uint64_t>> asked_;  // for a whole state
  names::Names& names_;
  std::uint64_t oversized_ = 0;
};

}  // namespace mla::session
