#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contracts/json_writer.h"

namespace mla::host {

/// One part of this machine's load. Reads the system when it is told to and never else. *loop-confined*
class Part {
 public:
  virtual ~Part() = default;
  virtual std::string_view name() const = 0;
  /// True when figures are rates, so that a sample needs a reading before it.
  virtual bool needs_baseline() const = 0;
  /// Reads, and keeps the reading as what the next sample counts from.
  virtual void read_baseline() = 0;
  /// Reads and writes the members of a JSON object. False, with `why` set, when the system does not tell.
  virtual bool sample(JsonWriter& out, std::string& why) = 0;
};

/// cpu, memory, disks, network, processes, reading below `root` ("" in earnest, a folder of fixtures in
/// tests).
std::vector<std::unique_ptr<Part>> make_parts(std::string root = {});

}  // namespace mla::host
