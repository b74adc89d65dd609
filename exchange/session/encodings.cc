#include "exchange/session/encodings.h"

#include <algorithm>
#include <utility>

#include "contracts/mutant.h"
#include "exchange/codec/difference.h"

namespace mla::session {

using codec::Codecs;
using codec::Encoded;
using codec::EncodedPtr;
using codec::Outgoing;

namespace {

/// Below this nothing is compressed: a frame's head costs more than can be saved.
constexpr std::size_t kLeastCompressed = 512;
/// A difference of so few bytes is good enough; a smaller one would cost more time than it saves.
constexpr std::size_t kGoodSplice = 256;
/// What it builds on and its sum take up to so much beside it.
constexpr std::size_t kBaseBytes = 18;
/// After so many attempts in vain zstd is left alone for a while, each time longer.
constexpr std::uint32_t kMostRest = 64;

bool compressed_already(const Outgoing& state) {
  const Format& format = state.payload->format;
  return !format.empty() && format.back() == "ZSTD";
}

}  // namespace

Encodings::Kept* Encodings::find(History& h, Base base) {
  const auto it = std::find_if(h.kept.begin(), h.kept.end(), [&](const Kept& k) { return k.base == base; });
  return base == Base{} || it == h.kept.end() ? nullptr : &*it;
}

/// The newest stays, and of the others those that links have; not more than a few.
void Encodings::trim(History& h) {
  if (h.kept.empty()) return;
  const auto newest = h.kept.end() - 1;
  h.kept.erase(std::remove_if(h.kept.begin(), newest, [](const Kept& k) { return k.links == 0; }), newest);
  if (h.kept.size() > kMostKept)
    h.kept.erase(std::min_element(h.kept.begin(), h.kept.end() - 1, [](const Kept& a, const Kept& b) { return a.links < b.links; }));
}

/// From now on this is the newest.
void Encodings::begin(History& h, const Outgoing& state) {
  if (h.epoch != state.stamp.epoch) h.kept.clear();  // differences are made within an epoch only
  h.epoch = state.stamp.epoch;
  h.made.clear();
  h.sum.reset();
  h.kept.push_back({Base{++numbers_}, state.nth, state.payload, 0});
  trim(h);
  const auto it = came_.find(state.handle.value);
  if (it == came_.end() || it->second.epoch != h.epoch || it->second.nth != state.nth) return;
  const EncodedPtr& encoded = it->second.encoded;
  const auto from = std::find_if(h.kept.begin(), h.kept.end(), [&](const Kept& k) { return k.nth == encoded->base_nth; });
  if (encoded->base_nth && from == h.kept.end()) return;
  const Base base = encoded->base_nth ? from->base : Base{};
  h.made.push_back({base, {.splice = true, .zstd = true}, encoded});
  if (!encoded->zstd) h.made.push_back({base, {.splice = true, .zstd = false}, encoded});
}

Base Encodings::choose(Outgoing& state, Base base, Codecs can) {
  auto& slot = histories_[state.handle.value];
  if (!slot) slot = std::make_unique<History>();
  History& h = *slot;
  const auto newest = [&h] { return std::pair(h.epoch, h.kept.back().nth); };
  const std::pair asked(state.stamp.epoch, state.nth);
  if (h.kept.empty() || newest() < asked) begin(h, state);
  if (newest() != asked) {  // one that waited behind what came before: in full, and nothing to build on
    let_go(state.handle, base);
    return {};
  }
  Kept* const from = find(h, base);
  const Base key = from ? base : Base{};
  const auto made = std::find_if(h.made.begin(), h.made.end(), [&](const Made& m) { return m.from == key && m.can == can; });
  if (made != h.made.end()) {
    state.encoded = made->encoded;
  } else {
    state.encoded = make(h, state, from, can);
    h.made.push_back({key, can, state.encoded});
  }
  const Base has = h.kept.back().base;
  ++h.kept.back().links;
  let_go(state.handle, base);
  return has;
}

EncodedPtr Encodings::make(History& h, const Outgoing& state, const Kept* from, Codecs can) {
  EncodedPtr best;
  std::size_t size = state.payload->data.size();
  if (from && can.splice) {
    best = spliced(h, *from, state);
    if (best && best->body.size() + kBaseBytes > size) best.reset();
    if (best) size = best->body.size();
  }
  if (can.zstd && size > kGoodSplice)
    if (auto smaller = compressed(h, state, from, size)) best = std::move(smaller);
  return best;
}

EncodedPtr Encodings::spliced(History& h, const Kept& from, const Outgoing& state) {
  auto encoded = std::make_shared<Encoded>();
  codec::splice(from.payload->data, state.payload->data, encoded->body);
  build_on(*encoded, h, from, state);
  return encoded;
}

void Encodings::build_on(Encoded& encoded, History& h, const Kept& from, const Outgoing& state) {
  if (!h.sum) h.sum = codec::checksum(state.payload->data);
  encoded.base_nth = from.nth;
  encoded.checksum = *h.sum;
}

/// Where it saves a tenth.
EncodedPtr Encodings::compressed(History& h, const Outgoing& state, const Kept* from, std::size_t best) {
  const auto& data = state.payload->data;
  if (data.size() < kLeastCompressed || compressed_already(state)) return nullptr;
  if (h.rest > 0) return --h.rest, nullptr;
  auto encoded = std::make_shared<Encoded>();
  const std::span<const std::byte> prefix = from ? std::span<const std::byte>(from->payload->data) : std::span<const std::byte>();
  if (!compressor_.compress(data, prefix, best - best / 10, encoded->body)) {
    h.fruitless = std::min(2 * h.fruitless + 1, kMostRest);
    h.rest = h.fruitless;
    return nullptr;
  }
  h.fruitless = 0;
  encoded->body.shrink_to_fit();
  encoded->zstd = true;
  if (from) build_on(*encoded, h, *from, state);
  return encoded;
}

void Encodings::let_go(codec::Handle handle, Base base) {
  if (base == Base{}) return;
  const auto it = histories_.find(handle.value);
  if (it == histories_.end()) return;
  History& h = *it->second;
  if (Kept* const kept = find(h, base)) --kept->links;
  if (std::all_of(h.kept.begin(), h.kept.end(), [](const Kept& k) { return k.links == 0; }))
    histories_.erase(it);
  else
    trim(h);
}

void Encodings::came(codec::Handle handle, const codec::Stamp& stamp, std::uint64_t nth, EncodedPtr encoded) {
  used_ = true;
  came_[handle.value] = {stamp.epoch, nth, std::move(encoded)};
}

}  // namespace mla::session
