#include "router/engines.h"

#include <string>
#include <thread>

namespace mla::router {

Engines::Engines(const RuntimeOptions& threads, const ExchangeOptions& options)
    : runtime_(threads), first_(runtime_, options) {
  for (unsigned i = 1; i < threads.workers; ++i) {
    ExchangeOptions its = options;
    its.name += "/" + std::to_string(i);
    if (its.name.size() > 256) its.name = std::to_string(i);
    others_.emplace_back(runtime_, its);
    links_.emplace_back(others_.back(), first_);
  }
}

void Engines::close() {
  std::vector<std::thread> closing;  // each gives its links time to leave
  for (Exchange& exchange : others_) closing.emplace_back([&exchange] { exchange.close(); });
  for (std::thread& thread : closing) thread.join();
  first_.close();
}

}  // namespace mla::router
