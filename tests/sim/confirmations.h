#pragma once
#include <mla/version.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "contracts/ids.h"

namespace mla::sim {

struct Node;
struct Wire;

/// What must hold of confirmations. When one is told, every exchange that observed and was linked, all the way, when the
/// state left, and has been so since, holds that state or a newer one, and is counted. At quiet all are told, with the
/// right number. Judged from contracts and wires, and from who is asked to send what to whom; not from the part that
/// confirms.
class Confirmations {
 public:
  using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

  /// Also for a publication that takes the place of the last one. True: that was waiting. `now`: who is behind a link on
  /// which anything is on its way is not judged; an interest may be, that was taken back and told anew, and is not that by
  /// which the state is sent.
  bool published(Node& n, SinkId sink, const Version& version, Instant now);
  /// How many exchanges had to hold it. Throws Broken, or has one that does not hold it looked at again at the end of the step.
  std::size_t confirmed(Node& n, SinkId sink, const Version& version, std::uint64_t observers);
  /// What `contract` had of the object by tag is at its end, since nobody asks for it any more.
  void ended(ContractId contract, const std::string& object);
  /// All that a step told has been told. An exchange may have learnt in the same step that nobody there asks for the object any
  /// more, and is told so after the confirmation. Throws Broken.
  void end_of_step();
  /// Others hold `floor`.
  void stale(const Node& n, SinkId sink, const Version& floor);
  /// How many sinks it could judge. Throws Broken.
  std::size_t check_quiet(const std::vector<Node*>& members) const;

 private:
  struct Observing {
    const Node* node = nullptr;
    std::uint64_t life = 0;
    std::vector<std::uint64_t> contracts;  // one that stays is enough
    std::vector<const Wire*> way;
  };
  struct Publication {
    Version version;
    std::vector<Observing> observing;
  };
  struct Sink {
    std::string object;
    std::vector<Publication> waiting;
    std::optional<Version> last, told, newest;  // newest: of all it ever sent, for what was refused later is still true
    std::uint64_t observers = 0;
  };
  using Key = std::tuple<const Node*, std::uint64_t, SinkId>;
  struct Doubt {
    Observing who;
    std::string object, what;
  };

  static bool stays(const Observing& o);

  std::map<Key, Sink> sinks_;
  std::vector<Doubt> doubts_;
};

}  // namespace mla::sim
