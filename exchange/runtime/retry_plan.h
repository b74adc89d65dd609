#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include "exchange/runtime/backoff.h"

namespace mla::runtime {

/// Which of a list of parents to dial next, and after what pause. A round tries each of them once, without
/// pauses; rounds are parted by the back-off. *value*
class RetryPlan {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  RetryPlan(std::size_t parents, Backoff backoff)
      : parents_(parents), left_(parents - 1), backoff_(std::move(backoff)) {}

  std::size_t at() const { return at_; }  ///< whom to dial, from 0

  /// There are others to dial now. A new round begins, at this one.
  void relist(std::size_t parents, std::size_t at) {
    parents_ = parents;
    at_ = at;
    left_ = parents - 1;
    backoff_.reset();
  }

  /// The dial failed, or the link was turned away before it was ready. Moves to the next parent.
  std::chrono::milliseconds after_failure() {
    next();
    if (left_ > 0) {
      --left_;
      return {};
    }
    return begin_round(true);
  }

  /// A link that was ready for `lasted` is gone. The next parent is tried at once; where there is no other,
  /// only if this one said that it shuts down, for then it may well be back. Once a second at most: parents
  /// that let everybody go again must not be dialled in a circle.
  std::chrono::milliseconds after_loss(Instant now, std::chrono::nanoseconds lasted, bool told_to_go) {
    if (lasted >= kGoodLink) backoff_.reset();
    next();
    const bool too_soon = at_once_at_ && now - *at_once_at_ < kAtOnceEvery;
    if (too_soon || (parents_ == 1 && !told_to_go)) return begin_round(lasted < kGoodLink);
    at_once_at_ = now;
    left_ = parents_ - 1;
    return {};
  }

 private:
  /// A link that was ready for so long counts as good: the next pauses are short again.
  static constexpr std::chrono::seconds kGoodLink{5};
  static constexpr std::chrono::seconds kAtOnceEvery{1};

  void next() { at_ = (at_ + 1) % parents_; }
  std::chrono::milliseconds begin_round(bool grow) {
    left_ = parents_ - 1;
    return backoff_.pause(grow);
  }

  std::size_t parents_;
  std::size_t at_ = 0;
  std::size_t left_;  // still to be tried in this round
  Backoff backoff_;
  std::optional<Instant> at_once_at_;
};

}  // namespace mla::runtime
