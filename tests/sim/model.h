#pragma once
#include <mla/contract_options.h>
#include <mla/standing.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mla::sim {

/// What users may rely on, said without a network: contracts, what was accepted from whom, and what follows for those
/// who are connected. It is told what users did and what the system answered them, chooses nobody itself, and knows
/// no exchanges but as the places where contracts live. Kept so small that it is seen to be right; everything that
/// the simulation, or a test over the real library, lets happen is judged by it. *value*
class Model {
 public:
  using Id = std::uint64_t;  // of a contract or of a sink
  using Tree = std::set<int>;  // the exchanges that are connected

  struct Object {
    std::string name;
    std::set<std::string> tags;
  };
  struct Contract {
    ContractKind kind = ContractKind::object_observe;
    std::string key;  // the object's name, or the tag
    std::int32_t priority = 0;
    std::uint32_t capacity = 1;
    int exchange = 0;
    bool takes_over = true;  // from one of lower priority that is at work
  };

  // what users did
  void open(Id contract, Contract c) { contracts_[contract] = std::move(c); }
  void drop(Id contract);
  void set_capacity(Id contract, std::uint32_t capacity);
  void exchange_gone(int exchange);  ///< with all that lived there

  // what they were told
  void elected(Id contract, Id sink, const std::string& object);
  void withdrawn(int exchange, Id sink) { writers_.erase({exchange, sink}); }
  void accepted(int exchange, Id sink, const std::string& data);

  /// At rest, with everything connected that is in `tree`:
  struct Expected {
    bool live = false;         // somebody observes it, or exposes what somebody observes by tag
    bool must_write = false;   // somebody is elected; else nobody need be
    std::set<Id> may_write;    // and who it may be
    std::vector<Id> writers;   // who is; one at most
    std::optional<std::string> data;  // the writer's last word: every observer holds it, synchronized
    std::vector<Id> observers;        // by object and by tag
  };
  Expected expect(const Object& object, const Tree& tree) const;

  /// What an observer is told, by whether it holds a state. None: it is told nothing; it knows the object by tag only
  /// and has no stream of it.
  std::optional<StandingKind> standing(const Expected& e, Id observer, bool holds) const;

 private:
  static bool matches(const Contract& c, const Object& o) {
    return by_tag(c.kind) ? o.tags.count(c.key) > 0 : c.key == o.name;
  }
  struct Writer {
    Id contract = 0;
    std::string object;
    std::optional<std::string> last;  // accepted
  };
  std::map<Id, Contract> contracts_;
  std::map<std::pair<int, Id>, Writer> writers_;  // by exchange and sink
};

}  // namespace mla::sim
