#pragma once
#include <mla/error.h>

#include <string>
#include <vector>

#include "exchange/codec/messages.h"
#include "exchange/codec/outgoing.h"
#include "exchange/core/records.h"

namespace mla::core {

/// Where the core's decisions go. None of these calls comes back into the core before it returns, but for
/// control(), which may ask take_state() of the same link and object first. *loop-confined*
class Outbox {
 public:
  virtual ~Outbox() = default;

  /// Current control about one object (Interest, Giveup, Started; Assign, Want, Floor, Withdraw, End, Pull,
  /// StandingTold, Need). Leaves in order with all else about this object; a state marked before leaves
  /// before it.
  virtual void control(LinkId link, names::Name& name, codec::Frame frame) = 0;
  /// This object has news for that link: take_state() is asked when it can leave.
  virtual void mark(LinkId link, names::Name& name) = 0;
  /// If marked, asks take_state() now and keeps the answer to leave in order: for what the core is about to
  /// forget.
  virtual void flush(LinkId link, Handle handle) = 0;
  /// The far side has withdrawn: states of this object that wait to leave are of no use there. One that has begun to
  /// leave in parts is finished.
  virtual void discard(LinkId link, Handle handle) = 0;
  virtual void carry(LinkId link, names::Name& name, codec::Outgoing state) = 0;
  /// The core holds this no longer; it came over a link. When nobody else holds it, its room may be used again.
  virtual void spent(PayloadPtr payload) = 0;
  /// Leaves before all interest, but behind the pending states of `behind`.
  virtual void tag(LinkId link, codec::Tag tag, std::vector<Handle> behind) = 0;
  virtual void path(LinkId link, codec::Path path) = 0;
  /// The core has given the link up (a loop); link_down() follows from outside.
  virtual void close(LinkId link, ErrorCode code) = 0;
};

}  // namespace mla::core
