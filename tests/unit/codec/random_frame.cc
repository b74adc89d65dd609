#include "tests/unit/codec/random_frame.h"

#include <algorithm>
#include <cstdlib>

#include "exchange/codec/layout.h"

namespace mla::codec::test {
namespace {

std::string text(Random& r, std::size_t max) {
  static const std::vector<std::string> kCharacters = {"a", "Z", "\"", "\\", " ", "0", "\n", "é", "€", "𝄞"};
  std::string out;
  const std::size_t size = r.below(4) == 0 ? max : r.below(max + 1);
  while (true) {
    const std::string& c = kCharacters[r.below(kCharacters.size())];
    if (out.size() + c.size() > size) return out;
    out += c;
  }
}

std::string label(Random& r, std::string_view characters, std::size_t max) {
  std::string out;
  for (std::size_t n = 1 + r.below(max); n > 0; --n) out += characters[r.below(characters.size())];
  return out;
}

std::vector<std::byte> bytes(Random& r, std::size_t max) {
  std::vector<std::byte> out(r.below(max + 1));
  for (std::byte& b : out) b = static_cast<std::byte>(r.next());
  return out;
}

Handle handle(Random& r) {
  return Handle{r.integer()};
}
Epoch epoch(Random& r) {
  return Epoch{r.integer() & kMaxEpochCounter, NodeId{r.integer()}};
}

Version version(Random& r) {
  std::vector<std::int64_t> items(r.coin() ? 2 : r.below(Version::kMaxItems + 1));
  for (std::int64_t& item : items) item = static_cast<std::int64_t>(r.coin() ? r.integer() : ~r.integer());
  return *Version::from(items);
}

Stamp stamp(Random& r) {
  return Stamp{epoch(r), version(r)};
}
Exposure exposure(Random& r) {
  Exposure e{.priority = static_cast<std::int32_t>(r.integer()),
             .capacity = std::min(r.integer(), kMaxCapacity)};
  if (r.coin()) e.takes_over = std::min(static_cast<std::int32_t>(r.integer()), e.priority);
  return e;
}
std::uint64_t any(Random& r) {
  return r.integer();
}
std::uint64_t age(Random& r) {
  return std::min(r.integer(), kMaxAgeUs);
}

template <class T>
std::optional<T> maybe(Random& r, T (*make)(Random&)) {
  if (r.coin()) return std::nullopt;
  return make(r);
}

std::vector<NodeId> path(Random& r) {
  std::vector<NodeId> ids(r.below(kMaxPathIds + 1));
  for (NodeId& id : ids) id.value = r.integer();
  return ids;
}

std::vector<std::string> codecs(Random& r) {
  std::vector<std::string> out(r.below(kMaxCodecs + 1));
  for (std::string& codec : out) codec = label(r, "abcxyz0189-./", kMaxCodecBytes);
  return out;
}

Format format(Random& r) {
  if (r.coin()) return Format{std::string(kWellKnownLabels[r.below(kWellKnownLabels.size())])};
  Format out(r.below(kMaxFormatLabels + 1));
  for (std::string& l : out) l = label(r, "ABCXYZ019-", kMaxLabelBytes);
  return out;
}

// NOLINTBEGIN(bugprone-narrowing-conversions): cut to the field's width on purpose.
template <class T>
T number(Random& r) {
  return static_cast<T>(r.integer());
}
Interval interval(Random& r) {
  return Interval(r.coin() ? 0 : number<std::uint32_t>(r));
}
AtWork at_work(Random& r) {
  return {static_cast<std::int32_t>(r.integer()), number<std::uint32_t>(r)};
}
// NOLINTEND(bugprone-narrowing-conversions)

void fill(Random& r, Hello& f) {
  f = {number<std::uint32_t>(r),
       number<std::uint32_t>(r),
       NodeId{r.integer()},
       r.integer(),
       number<std::uint32_t>(r),
       text(r, kMaxTextBytes),
       path(r),
       codecs(r),
       text(r, kMaxCredentialBytes)};
  for (char& c : f.credentials) c = static_cast<char>(r.next());  // any bytes, unlike names
}
void fill(Random& r, Welcome& f) {
  f = {number<std::uint32_t>(r),
       NodeId{r.integer()},
       number<std::uint32_t>(r),
       text(r, kMaxTextBytes),
       path(r),
       codecs(r)};
}
void fill(Random& r, Close& f) {
  f = {static_cast<ErrorCode>(number<std::uint16_t>(r)), text(r, kMaxTextBytes)};
}
void fill(Random& r, Ping& f) {
  f.sequence = r.integer();
}
void fill(Random& r, Pong& f) {
  f.sequence = r.integer();
}
void fill(Random& r, Path& f) {
  f.ids = path(r);
}
void fill(Random& r, DefineObject& f) {
  f = {handle(r), text(r, kMaxCanonicalBytes)};
}
void fill(Random& r, Release& f) {
  f.handle = handle(r);
}
void fill(Random& r, Tag& f) {
  f = {text(r, kMaxCanonicalBytes), r.coin(), maybe(r, exposure), interval(r)};
}
void fill(Random& r, Interest& f) {
  f.handle = handle(r);
  f.gone = r.below(4) == 0;
  if (f.gone) return;
  f.fresh = r.coin();
  f.observes = r.coin();
  f.holds = r.coin();
  f.exposes = maybe(r, exposure);
  f.heard = epoch(r);
  f.floor = version(r);
  f.have = maybe(r, stamp);
  f.avail = maybe(r, stamp);
  f.active = maybe(r, epoch);
  f.again = maybe(r, epoch);
  f.interval = interval(r);
  f.at_work = maybe(r, at_work);
}
void fill(Random& r, Giveup& f) {
  f = {handle(r), epoch(r), static_cast<GiveupReason>(r.below(3)), text(r, kMaxTextBytes),
       number<std::uint32_t>(r)};
}
void fill(Random& r, Started& f) {
  f = {handle(r), epoch(r), version(r)};
}
void fill(Random& r, Assign& f) {
  f = {handle(r), epoch(r), version(r), r.coin(), interval(r)};
}
void fill(Random& r, Want& f) {
  f = {handle(r), r.coin(), interval(r)};
}
void fill(Random& r, Floor& f) {
  f = {handle(r), version(r)};
}
void fill(Random& r, Withdraw& f) {
  f = {handle(r), epoch(r), static_cast<EndReason>(r.below(7))};
}
void fill(Random& r, End& f) {
  f.handle = handle(r);
}
void fill(Random& r, Pull& f) {
  f.handle = handle(r);
}
void fill(Random& r, StandingTold& f) {
  f = {handle(r), static_cast<StandingKind>(r.below(5)), text(r, kMaxTextBytes)};
}
void fill(Random& r, StateFrame& f) {
  f.handle = handle(r);
  f.epoch = epoch(r);
  f.version = version(r);
  f.nth = r.integer();
  f.base_nth = maybe(r, any);
  f.age_us = maybe(r, age);
  f.format = format(r);
  f.checksum = maybe(r, any);
  f.parts_bytes = std::min(r.integer(), kMaxStateBytes);
  f.body = bytes(r, r.coin() ? 100 : 5000);
  f.carry = r.coin();
  f.confirm = r.below(4) == 0;
  f.zstd = r.below(4) == 0;
}
void fill(Random& r, Part& f) {
  f = {handle(r), std::min(r.integer(), kMaxStateBytes), bytes(r, 5000)};
}
void fill(Random& r, Fresh& f) {
  f = {handle(r), epoch(r), version(r), maybe(r, age)};
}
void fill(Random& r, Need& f) {
  f.handle = handle(r);
}
void fill(Random& r, Confirmed& f) {
  f = {handle(r), epoch(r), version(r), r.integer()};
}

template <std::size_t... kIndex>
Frame make(Random& r, std::size_t index, std::index_sequence<kIndex...>) {
  Frame frame;
  ((index == kIndex ? fill(r, frame.emplace<kIndex>()) : void()), ...);
  return frame;
}

}  // namespace

std::uint64_t Random::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::uint64_t Random::integer() {
  const std::uint64_t bits = below(65);
  const std::uint64_t value = bits == 0 ? 0 : next() >> (64 - bits);
  switch (below(4)) {
    case 0:
      return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    case 1:
      return bits == 64 ? 0 : std::uint64_t{1} << bits;
    default:
      return value;
  }
}

Frame random_frame(Random& random, std::size_t index) {
  return make(random, index, std::make_index_sequence<std::variant_size_v<Frame>>());
}

std::uint64_t seed_or(std::uint64_t otherwise) {
  const char* seed = std::getenv("MLA_SEED");
  return seed != nullptr ? std::strtoull(seed, nullptr, 0) : otherwise;
}

}  // namespace mla::codec::test
