#include "tools/mla/bench/load.h"

#include <unistd.h>

#include <algorithm>

namespace mla::cli::bench {
namespace {

using namespace std::chrono_literals;

/// Of this run, in whatever tree it takes place.
TagDescriptor make_tag() {
  return TagDescriptor(Json("mla bench " + std::to_string(::getpid()) + " " +
                            std::to_string(std::chrono::system_clock::now().time_since_epoch().count())));
}

}  // namespace

Load::Load(Rig& rig, Peer& producer, const std::vector<Observer>& observers, std::uint32_t objects,
           Payload payload)
    : rig_(rig), payload_(std::move(payload)), exposed_(objects) {
  const TagDescriptor tag = make_tag();
  std::size_t groups = 1;
  for (const Observer& observer : observers) groups = std::max(groups, observer.group + 1);
  tallies_.resize(groups);
  for (Exposed& exposed : exposed_) exposed.observers.resize(groups);
  exposing_ = producer.exchange.tag_expose_contract(tag).build();
  exposing_->on_ready([this] { elections_ = true; });
  for (const Observer& observer : observers)
    for (const std::uint32_t object : observer.objects) {
      Observed& observed = observed_.emplace_back();
      observed.object = object;
      observed.group = observer.group;
      ++exposed_[object].observers[observer.group];
      observed.contract = observer.peer->exchange.object_observe_contract({{tag}, Json(object)}).build();
      observed.contract->on_ready([this, &observed] { take_states(observed); });
    }
}

void Load::establish() {
  const auto has_all = [this] {
    for (const Exposed& exposed : exposed_) {
      const bool observed =
          std::any_of(exposed.observers.begin(), exposed.observers.end(), [](auto n) { return n > 0; });
      if (observed && exposed.sequence == 0) return false;
    }
    return std::all_of(observed_.begin(), observed_.end(), [](const Observed& o) { return o.held > 0; });
  };
  const nanoseconds limit = 10s + 1ms * observed_.size();
  // Asking all takes its time, too: only when as many as there can be may be there.
  const auto deadline = Clock::now() + limit;
  auto next_look = Clock::now();
  while (true) {
    const auto now = Clock::now();
    if (now >= next_look) {
      if (has_all()) return;
      const auto looked = Clock::now();  // among a million it takes its time, too
      next_look = looked + std::max<nanoseconds>(5ms, 10 * (looked - now));
    }
    if (now >= deadline)
      throw Failed(ExitCode::timed_out,
                   "not all observers have a state after " + std::to_string(limit / 1s) + " s");
    turn(std::min(deadline, next_look));
  }
}

void Load::begin() {
  for (Tally& tally : tallies_) tally = {};
  send_lag_ = {};
  states_ = 0;
  began_ = last_delivery_ = Clock::now();
}

void Load::send(std::uint32_t object, Clock::time_point intended) {
  Exposed& exposed = exposed_[object];
  if (!exposed.sink)
    throw Failed(ExitCode::failed, "an object is not ours to produce any more: another exposer has it");
  if (outstanding() == 0) {
    exposed.intended.clear();
    exposed.settled = exposed.sequence;
  }
  send_lag_.add(
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, nanoseconds(Clock::now() - intended).count())));
  const SendResult sent = exposed.sink->send(payload_.make(++exposed.sequence));
  if (!sent)
    throw Failed(ExitCode::failed, "a state was not accepted: " + std::string(to_string(sent.outcome)));
  exposed.intended.push_back(intended);
  ++states_;
  for (std::size_t group = 0; group < tallies_.size(); ++group)
    tallies_[group].offered += exposed.observers[group];
}

void Load::turn(Clock::time_point until) {
  rig_.turn(until);
  if (failed_) throw *failed_;
  if (elections_) take_elections();
}

void Load::take_elections() {
  elections_ = false;
  while (auto event = exposing_->try_next_event()) {
    const auto object = static_cast<std::size_t>(std::stoul(event->object->json().text()));
    Exposed& exposed = exposed_.at(object);
    if (event->kind == ExposeEventKind::withdrawn) exposed.sink.reset();
    if (event->kind != ExposeEventKind::elected) continue;
    exposed.sink = event->sink;
    if (exposed.sequence == 0) send(static_cast<std::uint32_t>(object), Clock::now());
  }
}

/// As soon as they are there, within turn(): a later one would take the place of what was not taken.
void Load::take_states(Observed& observed) {
  while (auto event = observed.contract->try_next_event())
    if (event->kind == ObserveEventKind::state) take(observed, event->state);
}

void Load::take(Observed& observed, const State& state) {
  const auto now = Clock::now();
  const auto sequence = payload_.sequence_of(state);
  Exposed& exposed = exposed_[observed.object];
  if (!sequence || *sequence > exposed.sequence || *sequence < observed.held) {
    failed_ = Failed(ExitCode::failed, "a state came that was not sent so, or not in this order");
    return;
  }
  Tally& tally = tallies_[observed.group];
  tally.skipped_told += state.skipped();
  tally.told_exactly = tally.told_exactly && state.skipped_exact();
  if (*sequence == observed.held) return;  // only its freshness changed
  ++tally.deliveries;
  tally.skipped += *sequence - observed.held - 1;
  for (std::uint64_t n = observed.held + 1; n <= *sequence; ++n)
    if (n > exposed.settled && n - exposed.settled <= exposed.intended.size())
      tally.latency.add(static_cast<std::uint64_t>(std::max<std::int64_t>(
          0,
          nanoseconds(now - exposed.intended[static_cast<std::size_t>(n - exposed.settled - 1)]).count())));
  observed.held = *sequence;
  last_delivery_ = now;
}

std::uint64_t Load::outstanding() const {
  std::uint64_t sum = 0;
  for (const Tally& tally : tallies_) sum += tally.outstanding();
  return sum;
}

bool Load::settle(nanoseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (outstanding() > 0) {
    if (Clock::now() >= deadline) return false;
    turn(deadline);
  }
  return true;
}

std::uint64_t Load::held(std::uint32_t object, std::size_t group) const {
  std::uint64_t least = exposed_[object].sequence;
  for (const Observed& observed : observed_)
    if (observed.object == object && observed.group == group) least = std::min(least, observed.held);
  return least;
}

}  // namespace mla::cli::bench
