#pragma once
#include <mla/standing.h>

#include <map>
#include <string>
#include <vector>

namespace mla::cli {

/// Which standings people are told: those that last, and differ from what they were told before. A standing
/// that comes and goes within a moment (a hand-over, the time until the link is up) is no news. Time is the
/// caller's: it calls settled() a moment after noting. *value*
class StandingTalk {
 public:
  /// `label` is how the object is shown.
  void note(const std::string& object, std::string label, Standing standing);
  /// The object has ended; nothing more is said of it.
  void forget(const std::string& object);
  bool unsettled() const { return !noted_.empty(); }
  /// Sentences about what was noted since the last call.
  std::vector<std::string> settled();

 private:
  struct Noted {
    std::string label;
    Standing standing;
  };
  std::map<std::string, Noted> noted_;
  std::map<std::string, Standing> told_;
};

}  // namespace mla::cli
