#include "exchange/describe/rate_meter.h"

#include <algorithm>

namespace mla::description {

namespace {
constexpr std::chrono::milliseconds kShortest{200};   // a rate over less says nothing
constexpr std::chrono::milliseconds kSpacing{450};    // of samples
constexpr std::chrono::milliseconds kUsual{2500};     // a rate is taken over at most this, if possible
constexpr std::chrono::milliseconds kLongest{10'000};
}  // namespace

/// The oldest within the usual span that knows the link, else the youngest before it.
const RateMeter::Counts* RateMeter::basis(Instant now, std::uint32_t link, Instant& at) const {
  const Counts* best = nullptr;
  for (const Sample& s : samples_) {  // oldest first
    const auto age = now - s.at;
    if (age < kShortest) break;
    const auto it = std::lower_bound(s.links.begin(), s.links.end(), link,
                                     [](const Counts& c, std::uint32_t id) { return c.link < id; });
    if (it == s.links.end() || it->link != link) continue;
    best = &*it;
    at = s.at;
    if (age <= kUsual) break;
  }
  return best;
}

void RateMeter::measure(Instant now, std::vector<LinkInfo>& links) {
  while (!samples_.empty() && now - samples_.front().at > kLongest) samples_.pop_front();
  for (LinkInfo& link : links) {
    Instant at;
    const Counts* from = basis(now, link.link, at);
    if (!from) continue;
    const double seconds = std::chrono::duration<double>(now - at).count();
    const auto rate = [&](std::uint64_t count, std::uint64_t before) {
      return static_cast<double>(count - before) / seconds;
    };
    link.rates =
        LinkRates{rate(link.messages_in, from->messages_in), rate(link.messages_out, from->messages_out),
                  rate(link.bytes_in, from->bytes_in),       rate(link.bytes_out, from->bytes_out),
                  rate(link.states_in, from->states_in),     rate(link.states_out, from->states_out)};
  }
  if (!samples_.empty() && now - samples_.back().at < kSpacing) return;
  Sample& sample = samples_.emplace_back(Sample{now, {}});
  for (const LinkInfo& l : links)
    sample.links.push_back(
        {l.link, l.messages_in, l.messages_out, l.bytes_in, l.bytes_out, l.states_in, l.states_out});
  std::sort(sample.links.begin(), sample.links.end(), [](auto& a, auto& b) { return a.link < b.link; });
  // Of those too old for the usual span one is enough, for callers that ask seldom.
  while (samples_.size() > 1 && now - samples_[1].at > kUsual) samples_.pop_front();
}

}  // namespace mla::description
