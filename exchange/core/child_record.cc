#include "exchange/core/child_record.h"

namespace mla::core {

std::optional<Exposure> ChildRecord::exposes() const {
  switch (form_) {
    case kNone: return {};
    case kInDetails: return *details->exposes;
    default: return Exposure{priority_, form_ == kWaits ? Exposure::kWaits : priority_, capacity_};
  }
}

void ChildRecord::set_exposes(const std::optional<Exposure>& exposure) {
  if (details->exposes) details.edit().exposes.clear();
  form_ = kNone;
  if (!exposure) return;
  const bool fits = exposure->capacity < std::uint64_t{1} << kCapacityBits;
  const bool waits = exposure->takes_over == Exposure::kWaits;
  if (!fits || (!waits && exposure->takes_over != exposure->priority)) {
    form_ = kInDetails;
    details.edit().exposes.edit() = *exposure;
    return;
  }
  form_ = waits ? kWaits : kAsItsPriority;
  priority_ = exposure->priority;
  capacity_ = static_cast<std::uint32_t>(exposure->capacity);
}

}  // namespace mla::core
