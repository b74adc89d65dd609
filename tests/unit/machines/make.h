#pragma once
#include <mla/descriptor.h>
#include <mla/state.h>

#include <memory>
#include <string>

#include "contracts/ids.h"

// Short ways to say what the tests of the machines hand in.
namespace mla::machines {

inline Instant at(int ms) {
  return Instant{} + std::chrono::milliseconds(ms);
}

inline ObjectPtr object(const std::string& name) {
  return std::make_shared<const ObjectDescriptor>(std::vector<TagDescriptor>{"t"}, Json(name));
}

inline State state(std::uint64_t epoch, Version version, std::uint64_t nth, bool synchronized = true) {
  auto payload = std::make_shared<Payload>();
  payload->format = {"TEXT"};
  State made = State::make(payload, Epoch{epoch, NodeId{7}}, std::move(version), nth);
  made.set_freshness(synchronized, {});
  return made;
}

}  // namespace mla::machines
