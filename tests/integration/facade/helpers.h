#pragma once
#include <dirent.h>
#include <mla/mla.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace mla::test {

using namespace std::chrono_literals;

/// For waits that must succeed: many times what they take, so that a loaded machine fails nothing.
inline constexpr auto kLong = 20s;

inline const ObjectDescriptor kTemp{{"demo"}, "temp"};

inline std::string text(const Next<State>& state) {
  return state ? std::string(state->text()) : "none";
}
inline std::string text(const Result<State>& state) {
  return state ? std::string(state->text()) : std::string(to_string(state.error()));
}

/// The first event for which `is` holds; what comes before is passed over.
inline Next<ObserveEvent> wait_event(ObserveContract& contract,
                                     const std::function<bool(const ObserveEvent&)>& is) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (true) {
    auto event = contract.next_event_for(
        std::max<std::chrono::nanoseconds>(deadline - std::chrono::steady_clock::now(), 0ns));
    if (!event || is(*event)) return event;
  }
}

inline bool wait_text(ObserveContract& contract, const std::string& wanted) {
  return bool(wait_event(contract, [&](const ObserveEvent& e) {
    return e.kind == ObserveEventKind::state && e.state.text() == wanted && e.state.synchronized();
  }));
}

/// What is known of the standing may lag behind the state that a reader has taken.
inline bool wait_standing(const ObserveContract& contract, const ObjectDescriptor& object, StandingKind wanted) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (std::chrono::steady_clock::now() < deadline) {
    auto standing = contract.standing(object);
    if (standing && standing->kind == wanted) return true;
    std::this_thread::yield();
  }
  return false;
}

/// Of this process.
inline int threads() {
  int count = 0;
  DIR* tasks = opendir("/proc/self/task");
  while (readdir(tasks)) ++count;
  closedir(tasks);
  return count;
}

}  // namespace mla::test
