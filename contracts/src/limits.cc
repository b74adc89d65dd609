#include <mla/limits.h>

namespace mla {
namespace {

std::uint64_t count(std::uint64_t value) {
  return value;
}
std::uint64_t count(std::chrono::milliseconds value) {
  return static_cast<std::uint64_t>(value.count());
}

void set(std::uint64_t& limit, std::uint64_t value) {
  limit = value;
}
void set(std::chrono::milliseconds& limit, std::uint64_t value) {
  limit = std::chrono::milliseconds(static_cast<std::int64_t>(value));
}

// An upper bound that is not a limit itself: the protocol's, or identity's, on which all exchanges of a tree
// must agree.
struct Bound {
  std::string_view name;
  std::uint64_t greatest;
};
constexpr Bound kBounds[] = {
    {"message_bytes", 128 << 10},     {"descriptor_bytes", 4 << 10}, {"tags_per_object", 16}, {"depth", 16},
    {"state_bytes_ceiling", 1 << 30},
};
/// What 0 turns off. All other limits are at least 1.
bool may_be_zero(std::string_view name) {
  return name == "delta_bytes";
}

constexpr std::uint64_t kDay = 24 * 60 * 60 * 1000;
// What a frame holds besides a piece of a state: version, epoch, format, checksum, and their CBOR heads.
constexpr std::uint64_t kFrameHead = 1024;

std::string above(std::string_view name, std::uint64_t greatest) {
  return std::string(name) + " is above " + std::to_string(greatest);
}

}  // namespace

std::vector<LimitRow> limit_rows(const Limits& limits) {
  const Limits standard;
  return {
#define MLA_LIMIT(type, name, value, unit, text) \
  {#name, count(limits.name), count(standard.name), unit, text},
#include "mla/limits.def"
#undef MLA_LIMIT
  };
}

ErrorCode set_limit(Limits& limits, std::string_view name, std::uint64_t value) {
  const bool in_range = (value >= 1 || may_be_zero(name)) && value <= std::uint64_t{1} << 53;
#define MLA_LIMIT(type, limit, standard, unit, text) \
  if (name == #limit) {                              \
    if (!in_range) return ErrorCode::bad_option;     \
    set(limits.limit, value);                        \
    return ErrorCode::ok;                            \
  }
#include "mla/limits.def"
#undef MLA_LIMIT
  return ErrorCode::bad_config;
}

std::string check_limits(const Limits& limits) {
  for (const LimitRow& row : limit_rows(limits)) {
    if (row.value == 0 && !may_be_zero(row.name)) return std::string(row.name) + " is 0";
    if (row.unit == "ms" && row.value > kDay) return above(row.name, kDay);
    for (const Bound& bound : kBounds) {
      if (row.name == bound.name && row.value > bound.greatest) return above(row.name, bound.greatest);
    }
  }
  if (limits.state_bytes > limits.state_bytes_ceiling)
    return above("state_bytes", limits.state_bytes_ceiling);
  if (limits.message_bytes < limits.descriptor_bytes + kFrameHead) {
    return "message_bytes leaves no room for a descriptor of descriptor_bytes";
  }
  if (limits.message_bytes < limits.chunk_bytes + kFrameHead) {
    return "message_bytes leaves no room for a piece of chunk_bytes";
  }
  if (limits.outbound_bytes < limits.message_bytes) return "outbound_bytes is below message_bytes";
  return {};
}

}  // namespace mla
