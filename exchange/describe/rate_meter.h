#pragma once
#include <mla/info.h>

#include <cstdint>
#include <deque>
#include <vector>

#include "contracts/ids.h"

namespace mla::description {

/// Turns what links have counted into rates. Keeps a few samples, taken when somebody asks; without an earlier
/// one, not older than ten seconds, there is no rate. *value*
class RateMeter {
 public:
  /// Fills in the rates of `links` over the last two seconds or so, and notes what they have counted by now.
  void measure(Instant now, std::vector<LinkInfo>& links);

 private:
  struct Counts {
    std::uint32_t link = 0;
    std::uint64_t messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0, states_in = 0, states_out = 0;
  };
  struct Sample {
    Instant at;
    std::vector<Counts> links;  // sorted by link
  };
  const Counts* basis(Instant now, std::uint32_t link, Instant& at) const;

  std::deque<Sample> samples_;
};

}  // namespace mla::description
