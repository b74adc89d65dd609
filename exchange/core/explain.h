#pragma once
#include <mla/epoch.h>
#include <mla/standing.h>
#include <mla/version.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exchange/core/records.h"

// What an exchange can say about its own decisions. Copies: nothing here points into the tree.
namespace mla::core {

/// Why an object is produced by whom it is, as this exchange sees it: below a root that is only its own part
/// of the tree. *value*
struct Explanation {
  struct Term {
    Epoch epoch;
    Target target;
    std::chrono::milliseconds lasts{0};  ///< since it was given or minted here
    bool sent = false;                   ///< its first state has come
    bool from_above = false;             ///< the parent gave it; else it was minted here
  };
  struct Candidate {
    Target target;
    Exposure exposure;
    std::optional<std::string> tag;  ///< canonical text of the tag it was matched by; none: by the object
    std::uint64_t assigned = 0;      ///< objects that the same interest holds
    double load = 0;                 ///< assigned / capacity
    std::optional<std::chrono::milliseconds> avoided;  ///< was too slow to start; left out for so long
  };
  enum class Reason : std::uint8_t { declined, no_capacity, at_limit };
  /// Exposes the object, but is no candidate.
  struct LeftOut {
    Target target;
    ContractId contract;  ///< of a local one
    Reason reason = Reason::declined;
    std::string text;                                ///< what it said when it declined
    std::optional<std::chrono::milliseconds> again;  ///< when it is tried again
  };

  bool known = false;  ///< else nothing below says anything
  bool root = false;
  bool observed = false, exposed = false, needed_by_tag = false;  ///< by contracts here or below
  bool live = false;
  Standing standing;
  std::optional<Term> current, draining;
  std::vector<Candidate> candidates;  ///< in the order in which they would be chosen
  std::vector<LeftOut> left_out;
  std::optional<std::chrono::milliseconds> must_start_in;  ///< the current one is replaced if it is silent so long
  std::size_t local_observers = 0;                         ///< contracts of this exchange, by object or tag
  std::vector<LinkId> observing_links;
  std::optional<Stamp> state;  ///< the newest held here
  Target source;
  Version floor;
  std::uint64_t rebalance_percent = 0;
};
std::string_view to_string(Explanation::Reason reason);

/// A line about an object. *value*
struct ObjectLine {
  Handle handle;
  ObjectPtr object;
  bool live = false, observed = false, exposed = false;
  Standing standing;
  std::optional<Explanation::Term> current;
  std::optional<Stamp> state;
};

/// A line about a tag. *value*
struct TagLine {
  TagIndex index;
  std::string canonical;
  bool reserved = false;
  std::size_t objects = 0;
  std::size_t observing = 0, exposing = 0;  ///< contracts of this exchange, and links
  std::optional<Exposure> exposure;         ///< summed as for a parent
};

}  // namespace mla::core
