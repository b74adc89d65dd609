#include <mla/epoch.h>

#include <cstdio>

namespace mla {

std::string to_string(NodeId id) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(id.value));
  return text;
}

std::string to_string(const Epoch& epoch) {
  return std::to_string(epoch.counter) + "@" + to_string(epoch.minter);
}

}  // namespace mla
