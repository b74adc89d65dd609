#pragma once
#include <mla/contract_options.h>

#include <algorithm>
#include <optional>

#include "exchange/core/records.h"

namespace mla::core {

inline Exposure offer_of(const ContractOptions& options) {
  return {.priority = options.priority,
          .takes_over = options.takes_over ? options.priority : Exposure::kWaits,
          .capacity = options.capacity};
}

/// Sums offers as a tree does: the highest priority that has capacity counts, with its capacities added.
/// *value*
struct Offers {
  std::optional<Exposure> best;
  Charge charge;

  void add(const Exposure& e, const Charge& c = {}) {
    const bool usable = e.capacity > 0, has = best && best->capacity > 0;
    if (!best || (usable && !has)) {
      best = e;
      charge = c;
    } else if (usable == has) {
      const std::int32_t takes_over = std::max(best->takes_over, e.takes_over);
      if (e.priority > best->priority) {
        best = e;
        charge = c;
      } else if (e.priority == best->priority) {
        best->capacity += e.capacity;
        charge = std::min(charge, c);
      }
      best->takes_over = takes_over;
    }
  }
};

}  // namespace mla::core
