#pragma once
#include <mla/mla.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <string>

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

}  // namespace mla::test
