#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "contracts/machines/observe_machine.h"
#include "tests/unit/machines/make.h"

namespace mla::machines {
namespace {

/// What a reader of events may hold: it sees for each object a state, others that are news after it, an end; and again.
class Reader {
 public:
  void read(const ObserveEvent& seen) {
    const std::string name = seen.object->canonical();
    if (seen.kind == ObserveEventKind::ended) {
      CHECK(told_.erase(name) == 1);  // nobody hears of the end of something that was never told
      holds_.erase(name);
      return;
    }
    told_.insert(name);
    if (seen.kind != ObserveEventKind::state) return;
    auto& held = holds_[name];
    if (held) {
      CHECK(seen.state.version() >= held->version());
      CHECK(seen.state.epoch() >= held->epoch());
      const bool is_news = seen.state.version() > held->version() || seen.state.synchronized() != held->synchronized();
      CHECK(is_news);
    }
    held = seen.state;
  }
  const std::optional<State>& holds(const ObjectPtr& object) { return holds_[object->canonical()]; }
  bool told(const ObjectPtr& object) const { return told_.contains(object->canonical()); }

 private:
  std::map<std::string, std::optional<State>> holds_;
  std::set<std::string> told_;
};

/// One object's true course: versions rise while it lives, a later life may repeat what the one before ended with.
struct Course {
  ObjectPtr object;
  std::optional<State> now;
  std::uint64_t epoch = 1;
  std::int64_t version = 0;
};

}  // namespace

TEST_CASE("machines: a reader of events, however late, sees each life go on, and holds the newest at the end (P2)") {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto any = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
    ObserveMachine machine(any(4) == 0 ? std::chrono::milliseconds(3) : std::chrono::milliseconds(0));
    Reader reader;
    Course courses[] = {{object("a"), {}}, {object("b"), {}}};
    int now = 0;
    for (int step = 0; step < 60; ++step) {
      Course& c = courses[any(2)];
      now += static_cast<int>(any(3));
      switch (any(6)) {
        case 0:
        case 1:  // a new state, sometimes of a new term
          if (any(4) == 0) ++c.epoch;
          c.now = state(c.epoch, {++c.version}, static_cast<std::uint64_t>(c.version), any(3) != 0);
          machine.state_arrived(at(now), c.object, State(*c.now));
          break;
        case 2:  // the same one, fresh or not, also as the first of another life
          if (c.version == 0) break;
          c.now = state(c.epoch, {c.version}, static_cast<std::uint64_t>(c.version), any(2) != 0);
          machine.state_arrived(at(now), c.object, State(*c.now));
          break;
        case 3:
          c.now.reset();
          machine.object_ended(at(now), c.object, EndReason::gone);
          break;
        case 4:
          machine.standing_changed(at(now), c.object, {StandingKind::waiting});
          break;
        default:
          if (auto seen = machine.next_event(at(now))) reader.read(*seen);
      }
    }
    while (auto seen = machine.next_event(at(now + 1000))) reader.read(*seen);
    for (const Course& c : courses) {
      const auto& held = reader.holds(c.object);
      CHECK(held.has_value() == c.now.has_value());
      if (held && c.now) {
        CHECK(held->version() == c.now->version());
        CHECK(held->synchronized() == c.now->synchronized());
      }
    }
  }
}

}  // namespace mla::machines
