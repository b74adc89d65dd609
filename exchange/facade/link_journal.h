#pragma once
#include <mla/link_event.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "exchange/runtime/callback_queue.h"

namespace mla::facade {

/// What happened to an exchange's links and is not told yet: a few hundred events, then the newest are left
/// out and counted, for the peers decide how many there are. Kept only while somebody wants them.
/// *thread-safe*
class LinkJournal : public std::enable_shared_from_this<LinkJournal> {
 public:
  explicit LinkJournal(std::shared_ptr<runtime::CallbackQueue> callbacks)
      : callbacks_(std::move(callbacks)) {}

  void add(LinkEvent event);
  /// See Exchange::on_link_event.
  void on_event(std::function<void(const LinkEvent&)> f);

 private:
  static constexpr std::size_t kMost = 256;

  std::deque<LinkEvent> take();

  const std::shared_ptr<runtime::CallbackQueue> callbacks_;
  const runtime::CallbackSlotPtr slot_ = std::make_shared<runtime::CallbackSlot>();
  std::mutex mutex_;
  bool wanted_ = false;  // guarded by mutex_, as are the next two
  std::deque<LinkEvent> events_;
  std::uint64_t missed_ = 0;
};

}  // namespace mla::facade
