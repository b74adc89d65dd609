#include "contracts/machines/sink_machine.h"

#include <algorithm>
#include <utility>

namespace mla::machines {
namespace {

Version default_version(const Epoch& epoch, const Version& floor) {
  Version first{static_cast<std::int64_t>(epoch.counter), 0};
  Version next = floor.next();
  return std::max(first, next);
}

}  // namespace

SendReply SinkMachine::send(const State& state, std::uint64_t nth) {
  if (end_ != EndReason::none) return {SendAnswer::ended, {}, false};
  Version version;
  if (state.has_version()) {
    version = state.version();
    const bool newer = version > floor_ || (first_of_term_ && version == floor_);
    if (!newer) return {SendAnswer::stale, floor_, false};
  } else {
    version = default_version(epoch_, floor_);
  }
  floor_ = version;
  first_of_term_ = false;
  const bool leaves = !pending_;
  if (tickets_) tickets_->sent(version, !leaves);
  ++unfetched_sends_;
  pending_ = true;
  own_version_ = state.has_version();
  current_ = State::make(state.payload(), epoch_, version, nth);
  current_->set_freshness(true, {});
  return {SendAnswer::accepted, version, leaves};
}

std::optional<PendingState> SinkMachine::fetch() {
  const std::uint64_t sends = std::exchange(unfetched_sends_, 0);
  if (!std::exchange(pending_, false)) return std::nullopt;
  if (tickets_) tickets_->fetched();
  return PendingState{current_->payload(), current_->version(), own_version_, sends};
}

void SinkMachine::term_changed(Epoch epoch, const Version& floor) {
  if (epoch != epoch_) first_of_term_ = true;
  epoch_ = epoch;
  raise_floor(floor);
}

void SinkMachine::raise_floor(const Version& floor) {
  if (floor > floor_) floor_ = floor;
}

void SinkMachine::published(SendAnswer answer, const Version& version) {
  raise_floor(version);
  if (!tickets_) return;
  if (answer == SendAnswer::accepted)
    tickets_->published(version);
  else
    tickets_->refused();
}

void SinkMachine::published_again(const Version& version) {
  if (tickets_) tickets_->published_again(version);
}

void SinkMachine::stale(const Version& floor) {
  raise_floor(floor);
  if (tickets_) tickets_->stale(floor);
}

bool SinkMachine::confirmed(const Version& version, std::uint64_t observers) {
  return tickets_ && tickets_->confirmed(version, observers);
}

void SinkMachine::end(EndReason reason) {
  if (end_ == EndReason::none) end_ = reason;
}

}  // namespace mla::machines
