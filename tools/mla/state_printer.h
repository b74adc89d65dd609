#pragma once
#include <mla/contract.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "tools/mla/json_text.h"
#include "tools/mla/options.h"

namespace mla::cli {

/// Turns the states and ends that an observe contract tells into lines, standings only for --jsonl: what
/// people are told of them is StandingTalk's. *value*
class StatePrinter {
 public:
  struct Style {
    bool lines_of_json = false;  ///< --jsonl and --json
    bool only_changes = false;   ///< a person looks at a terminal
    bool colour = false;
    std::vector<TagDescriptor> known_tags;  ///< not shown beside each object
  };
  explicit StatePrinter(Style style) : style_(std::move(style)) {}

  /// What one event comes to. `data` and `talk` have no line ends.
  struct Printed {
    std::optional<std::string> data;  ///< for standard output
    std::optional<std::string> talk;  ///< for standard error
    bool is_state = false;            ///< data shows a state, it counts for --count
  };
  /// `width`: of the terminal, for only_changes.
  Printed print(const ObserveEvent& event, std::size_t width);

 private:
  struct Seen {
    std::optional<Version> version;
    std::vector<Leaf> leaves;
  };
  std::string show_change(Seen& seen, const std::string& label, const State& state, std::size_t width) const;

  Style style_;
  std::map<std::string, Seen> seen_;  // by canonical descriptor; objects that ended are left out
};

}  // namespace mla::cli
