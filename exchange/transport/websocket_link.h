#pragma once
#include <mla/limits.h>

#include <cstddef>
#include <memory>

namespace mla::transport {

/// What an established link needs to know. *value*
struct WebsocketLinkOptions {
  std::size_t message_bytes = 0;
  std::size_t outbound_bytes = 0;
  std::size_t send_budget = 0;
  std::shared_ptr<void> token;  // held as long as the link lives; counts links
  bool masks = false;           // the side that dialled does

  static WebsocketLinkOptions from(const Limits& limits, std::size_t send_budget) {
    return {static_cast<std::size_t>(limits.message_bytes),
            static_cast<std::size_t>(limits.outbound_bytes),
            send_budget,
            {},
            false};
  }
};

}  // namespace mla::transport
