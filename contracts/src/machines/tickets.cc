#include "contracts/machines/tickets.h"

#include <algorithm>

namespace mla::machines {

void Tickets::sent(const Version& answered, bool replaces) {
  if (replaces && !waiting_.empty() && !waiting_.back().fetched)
    waiting_.back().answered = answered;
  else
    waiting_.push_back({.answered = answered});
  if (waiting_.size() > kMost) join();
}

/// Every second of those that are published goes on as its successor.
void Tickets::join() {
  std::deque<Ticket> kept;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const bool joins = i % 2 == 0 && i + 1 < waiting_.size() && waiting_[i].published && waiting_[i + 1].published;
    if (!joins) kept.push_back(std::move(waiting_[i]));
  }
  waiting_ = std::move(kept);
}

void Tickets::fetched() {
  if (!waiting_.empty()) waiting_.back().fetched = true;
}

Tickets::Ticket* Tickets::on_its_way() {
  auto it = std::find_if(waiting_.begin(), waiting_.end(), [](const Ticket& t) { return t.fetched && !t.published; });
  return it == waiting_.end() ? nullptr : &*it;
}

void Tickets::published(const Version& version) {
  if (Ticket* t = on_its_way()) t->published = version;
}

void Tickets::refused() {
  auto it = std::find_if(waiting_.begin(), waiting_.end(), [](const Ticket& t) { return t.fetched && !t.published; });
  if (it == waiting_.end()) return;
  stale_ = std::max(stale_.value_or(Version{}), it->answered);
  waiting_.erase(it);
}

void Tickets::published_again(const Version& version) {
  auto last = std::find_if(waiting_.rbegin(), waiting_.rend(), [](const Ticket& t) { return t.published.has_value(); });
  if (last != waiting_.rend()) last->published = version;
}

void Tickets::stale(const Version& floor) {
  std::erase_if(waiting_, [&](const Ticket& t) {
    if (!t.published || *t.published >= floor) return false;
    stale_ = std::max(stale_.value_or(Version{}), t.answered);
    return true;
  });
}

bool Tickets::confirmed(const Version& version, std::uint64_t observers) {
  bool news = confirmed_ && observers_ != observers;
  while (!waiting_.empty() && waiting_.front().published && *waiting_.front().published <= version) {
    confirmed_ = std::max(confirmed_.value_or(Version{}), waiting_.front().answered);
    waiting_.pop_front();
    news = true;
  }
  if (confirmed_) observers_ = observers;
  return news;
}

Tickets::Answer Tickets::ask(const Version& answered) const {
  if (confirmed_ && answered <= *confirmed_) return Answer::confirmed;
  if (std::any_of(waiting_.begin(), waiting_.end(), [&](const Ticket& t) { return t.answered >= answered; }))
    return Answer::waiting;
  return stale_ && answered <= *stale_ ? Answer::stale : Answer::unknown;
}

}  // namespace mla::machines
