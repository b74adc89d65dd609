#include "tests/fuzz/frame_bounds.h"

#include <algorithm>
#include <string_view>

namespace mla::codec::test {
namespace {

bool label(std::string_view text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}
bool codec_name(const std::string& text) {
  return !text.empty() && text.size() <= 32 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool ok(const std::vector<NodeId>& path) {
  return path.size() <= 17;
}
bool ok(const Version& version) {
  return version.items().size() <= 16;
}
bool ok(const Epoch& epoch) {
  return epoch.counter <= 0x7fffffffffffffff;
}
bool ok(const Stamp& stamp) {
  return ok(stamp.epoch) && ok(stamp.version);
}
bool ok(const Exposure& exposure) {
  return exposure.capacity <= 1099511627776 && exposure.takes_over <= exposure.priority;
}
template <class T>
bool ok(const std::optional<T>& value) {
  return !value || ok(*value);
}
bool codecs(const std::vector<std::string>& names) {
  return names.size() <= 16 && std::all_of(names.begin(), names.end(), codec_name);
}
bool age(const std::optional<std::uint64_t>& age_us) {
  return !age_us || *age_us <= 1125899906842624;
}
constexpr std::uint64_t kGreatestState = 1099511627776;

struct Bounds {
  bool operator()(const Hello& f) const {
    return f.name.size() <= 256 && ok(f.path) && codecs(f.codecs) && f.credentials.size() <= 4096;
  }
  bool operator()(const Welcome& f) const { return f.name.size() <= 256 && ok(f.path) && codecs(f.codecs); }
  bool operator()(const Close& f) const { return f.detail.size() <= 256; }
  bool operator()(const Path& f) const { return ok(f.ids); }
  bool operator()(const DefineObject& f) const { return f.canonical.size() <= 4096; }
  bool operator()(const Tag& f) const { return f.tag.size() <= 4096 && ok(f.exposes); }
  bool operator()(const Interest& f) const {
    if (f.gone && f != Interest{.handle = f.handle, .gone = true}) return false;
    return ok(f.exposes) && ok(f.heard) && ok(f.floor) && ok(f.have) && ok(f.avail) && ok(f.active) &&
           ok(f.again);
  }
  bool operator()(const Giveup& f) const {
    return ok(f.epoch) && f.reason <= GiveupReason::full && f.text.size() <= 256;
  }
  bool operator()(const Started& f) const { return ok(f.epoch) && ok(f.version); }
  bool operator()(const Assign& f) const { return ok(f.epoch) && ok(f.floor); }
  bool operator()(const Floor& f) const { return ok(f.floor); }
  bool operator()(const Withdraw& f) const { return ok(f.epoch) && f.reason <= EndReason::exchange_closed; }
  bool operator()(const StandingTold& f) const {
    return f.kind <= StandingKind::stale && f.reason.size() <= 256;
  }
  bool operator()(const StateFrame& f) const {
    return ok(f.epoch) && ok(f.version) && age(f.age_us) && f.format.size() <= 8 &&
           std::all_of(f.format.begin(), f.format.end(), label) && f.parts_bytes <= kGreatestState;
  }
  bool operator()(const Part& f) const { return f.offset <= kGreatestState; }
  bool operator()(const Fresh& f) const { return ok(f.epoch) && ok(f.version) && age(f.age_us); }
  bool operator()(const Confirmed& f) const { return ok(f.epoch) && ok(f.version); }
  template <class Other>
  bool operator()(const Other&) const {
    return true;
  }
};

}  // namespace

bool within_bounds(const Frame& frame) {
  return std::visit(Bounds{}, frame);
}

}  // namespace mla::codec::test
