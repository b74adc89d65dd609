#pragma once
#include <mla/epoch.h>
#include <mla/error.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace mla {

enum class LinkEventKind : std::uint8_t {
  linked,   ///< the handshake is through
  lost,     ///< a link that was ready has ended; `error` says why
  refused,  ///< a connection to a listener became no link; `detail` says why
  trouble,  ///< something a listener met goes on, such as no free descriptor; in `detail`
};
std::string_view to_string(LinkEventKind kind);

/// What happened to a link of an exchange, for logs. *value*
struct LinkEvent {
  LinkEventKind kind = LinkEventKind::linked;
  bool to_parent = false;  ///< linked and lost: else to a child
  NodeId peer{};           ///< linked and lost, as are the next two
  std::string peer_name{};
  std::string address{};            ///< for people
  ErrorCode error = ErrorCode::ok;  ///< lost: ok when it ended in good order
  std::string detail{};             ///< for people
  std::uint64_t missed = 0;         ///< so many events before this one were not told: they came too fast
};

}  // namespace mla
