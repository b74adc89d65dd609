#pragma once
#include <mla/version.h>

#include <cstdint>
#include <deque>
#include <optional>

namespace mla::machines {

/// Which of a sink's states are confirmed. A ticket stands for a publication, not for a number: the exchange may publish
/// a state under a greater version than send() answered, and anew when a term begins, and the ticket moves along.
/// States that were conflated before they left share one. Bounded: of many that wait, neighbours are joined, and the
/// older is then confirmed with the newer. *loop-confined*
class Tickets {
 public:
  static constexpr std::size_t kMost = 32;

  // ---- what happened
  /// send() answered this version. `replaces`: the state before it has not left and never will.
  void sent(const Version& answered, bool replaces);
  void fetched();                            ///< the newest is on its way
  void published(const Version& version);    ///< what was on its way has this version
  void refused();                            ///< what was on its way is not newer than what others hold
  void published_again(const Version& version);  ///< the last one published has another version now
  void stale(const Version& floor);  ///< others hold this: what was published below it is behind
  /// All hold `version` or something newer. True: that is news to a reader.
  bool confirmed(const Version& version, std::uint64_t observers);

  // ---- asking
  enum class Answer : std::uint8_t { confirmed, waiting, stale, unknown };
  /// Of a version that send() answered. A later state that is confirmed confirms this one.
  Answer ask(const Version& answered) const;
  /// The newest confirmed version, as send() answered it.
  const std::optional<Version>& newest() const { return confirmed_; }
  std::optional<std::uint64_t> observers() const { return observers_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Ticket {
    Version answered;
    bool fetched = false;
    std::optional<Version> published;
  };
  Ticket* on_its_way();
  void join();

  std::deque<Ticket> waiting_;  // oldest first
  std::optional<Version> confirmed_, stale_;
  std::optional<std::uint64_t> observers_;
};

}  // namespace mla::machines
