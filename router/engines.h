#pragma once
#include <mla/connector.h>
#include <mla/exchange.h>
#include <mla/runtime.h>

#include <vector>

namespace mla::router {

/// The exchanges of a router, one per thread: a tree inside the process, whose first is the router to all beyond
/// it and has the parent; the others are its children. A listener that is shared with others() spreads the
/// links over them. *thread-safe*
class Engines {
 public:
  Engines(const RuntimeOptions& threads, const ExchangeOptions& options);
  ~Engines() { close(); }

  Exchange& first() { return first_; }
  const Exchange& first() const { return first_; }
  std::vector<Exchange>& others() { return others_; }
  const std::vector<Exchange>& others() const { return others_; }
  /// Those that have children outside first, so that nothing of theirs is lost on the way up.
  void close();

 private:
  Runtime runtime_;
  Exchange first_;
  std::vector<Exchange> others_;
  std::vector<InprocConnector> links_;
};

}  // namespace mla::router
