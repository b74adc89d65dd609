#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "exchange/codec/messages.h"
#include "exchange/core/notices.h"
#include "exchange/engine/engine.h"
#include "exchange/session/pools.h"

namespace mla::engine {

/// Notices of one step above which it is looked whether some say the same.
inline constexpr std::size_t kManyNotices = 1024;

/// Room that a step needs while it lasts, used again by the next. Engines of one loop share it: then it stays in the processor's
/// near caches however many they are, and states that come are put where others have just been let go. One step at a time, of
/// whichever engine. *loop-confined*
struct Workspace {
  bool stepping = false;
  std::vector<session::Bytes> messages;   // of one link, on their way out
  std::vector<Outlet::Leaving> leaving;   // made, and not with the outlet yet
  core::Notices notices;                  // of the step under way, as the three that follow
  std::size_t conflate_at = kManyNotices;
  std::vector<std::pair<LinkId, ErrorCode>> closing;  // asked for by the tree
  Actions actions;                        // for whoever calls step(): room for what it answers
  session::PayloadPool payloads;
  session::BufferPool buffers;
  codec::Frame frames[2];  // the one that is worked off, and the next
};

}  // namespace mla::engine
