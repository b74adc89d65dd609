#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "exchange/describe/question.h"
#include "exchange/facade/exchange_core.h"

namespace mla::facade {

/// Exposes what the exchange says of itself, as its `$mla` objects (exchange/describe says which), through the
/// same contracts as any user's. Nothing is produced, and no timer is set, while nobody observes.
/// *loop-confined*
class Describer : public std::enable_shared_from_this<Describer> {
 public:
  explicit Describer(ExchangeCore& core);

  void start();
  void stop();
  /// The exchange may have drawn another id: then its objects have other names.
  void follow_node_id();
  std::size_t contracts() const { return contracts_.size(); }

 private:
  class Cell;

  /// An object that somebody observes.
  struct Subject {
    std::string canonical;
    std::optional<description::Question> question;  // none: the node object
    std::string last;                               // what was sent last
    Instant due;
  };

  void open(engine::OpenContract contract);
  void elected(const engine::Elected& notice);
  void withdrawn(SinkId sink);
  void arm();
  void on_due(Instant armed);
  void produce(SinkId sink, Subject& subject);
  std::string text_of(const Subject& subject);
  std::string node_text();

  ExchangeCore& core_;
  const Instant began_;
  NodeId node_;
  std::vector<ContractId> contracts_;
  std::map<SinkId, Subject> subjects_;
  std::map<std::string, Instant> produced_;  // when last, by canonical text; old ones are forgotten
  std::optional<Instant> armed_;
};

}  // namespace mla::facade
