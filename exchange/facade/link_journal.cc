#include "exchange/facade/link_journal.h"

#include <utility>

namespace mla::facade {

void LinkJournal::add(LinkEvent event) {
  {
    std::lock_guard lock(mutex_);
    if (!wanted_) return;
    if (events_.size() >= kMost) {
      ++missed_;
      return;
    }
    event.missed = std::exchange(missed_, 0);
    events_.push_back(std::move(event));
  }
  callbacks_->notify(slot_);
}

void LinkJournal::on_event(std::function<void(const LinkEvent&)> f) {
  {
    std::lock_guard lock(mutex_);
    wanted_ = static_cast<bool>(f);
    if (!wanted_) events_.clear();
  }
  if (!f) return callbacks_->set(*slot_, {});
  callbacks_->set(*slot_, [weak = weak_from_this(), f = std::move(f)] {
    const auto self = weak.lock();
    if (!self) return;
    for (const LinkEvent& event : self->take()) f(event);
  });
}

std::deque<LinkEvent> LinkJournal::take() {
  std::lock_guard lock(mutex_);
  return std::exchange(events_, {});
}

}  // namespace mla::facade
