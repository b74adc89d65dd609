#include "tests/sim/trace_hash.h"

namespace mla::sim {

using namespace engine;

namespace {

/// One overload for each kind of value that an event or action is made of; a kind without one does not compile.
struct Put {
  TraceHash& hash;

  void operator()(std::uint64_t v) { hash.word(v); }
  void operator()(std::string_view v) { hash.bytes(std::as_bytes(std::span(v.data(), v.size()))); }
  void operator()(std::span<const std::byte> v) { hash.bytes(v); }
  void operator()(std::chrono::nanoseconds v) { hash.word(static_cast<std::uint64_t>(v.count())); }
  void operator()(LinkId v) { hash.word(v.value); }
  void operator()(ContractId v) { hash.word(v.value); }
  void operator()(SinkId v) { hash.word(v.value); }
  void operator()(NodeId v) { hash.word(v.value); }
  void operator()(const Epoch& v) { all(v.counter, v.minter); }
  void operator()(const Version& v) {
    hash.word(v.items().size());
    for (std::int64_t item : v.items()) hash.word(static_cast<std::uint64_t>(item));
  }
  void operator()(const ObjectPtr& v) { all(v ? std::string_view(v->canonical()) : std::string_view()); }
  void operator()(const TagDescriptor& v) { (*this)(std::string_view(v.json.text())); }
  void operator()(const PayloadPtr& v) {
    if (!v) return hash.word(~0ull);
    hash.word(v->format.labels().size());
    for (const auto& label : v->format.labels()) all(std::string_view(label));
    all(std::span(v->data));
  }
  void operator()(const State& v) {
    all(v.payload(), v.epoch(), v.version(), v.nth(), v.synchronized(), v.age());
  }
  void operator()(const Standing& v) { all(number(v.kind), std::string_view(v.reason), v.age); }
  void operator()(const ContractOptions& v) {
    all(v.capacity, v.limit, static_cast<std::uint64_t>(static_cast<std::int64_t>(v.priority)), v.takes_over, v.confirmation,
        v.linger, v.min_interval);
  }
  template <class T>
  void operator()(const std::optional<T>& v) {
    hash.word(v.has_value());
    if (v) (*this)(*v);
  }
  template <class... T>
  void all(const T&... parts) {
    ((*this)(parts), ...);
  }
  template <class E>
  static std::uint64_t number(E e) {
    return static_cast<std::uint64_t>(e);
  }

  // events
  void operator()(const LinkUp& e) {
    all(e.link, number(e.role), e.bytes_free, e.heartbeat, std::string_view(e.credentials));
  }
  void operator()(const LinkFrames& e) { all(e.link, e.message); }
  void operator()(const LinkWritable& e) { all(e.link, e.bytes_free); }
  void operator()(const LinkDown& e) { all(e.link); }
  void operator()(const DeadlineReached&) {}
  void operator()(const OpenContract& e) { all(e.id, number(e.kind), e.object, e.tag, e.options); }
  void operator()(const DropContract& e) { all(e.id); }
  void operator()(const SetCapacity& e) { all(e.id, e.capacity); }
  void operator()(const SetMinInterval& e) { all(e.id, e.interval); }
  void operator()(const Publish& e) { all(e.sink, e.payload, e.version, e.own_version, e.sends); }
  void operator()(const Decline& e) { all(e.sink, std::string_view(e.reason), e.retry_after); }
  void operator()(const Reconfigured& e) {
    for (const LimitRow& row : limit_rows(e.limits)) hash.word(row.value);
  }
  void operator()(const Shutdown&) {}

  // actions
  void operator()(const SendFrames& a) { all(a.link, std::span(*a.message)); }
  void operator()(const CloseLink& a) { all(a.link, number(a.code), std::string_view(a.detail)); }
  void operator()(const StateArrived& a) { all(a.contract, a.object, a.state); }
  void operator()(const StandingChanged& a) { all(a.contract, a.object, a.standing); }
  void operator()(const ObjectEnded& a) { all(a.contract, a.object, number(a.reason)); }
  void operator()(const Elected& a) { all(a.contract, a.sink, a.object, a.epoch, a.floor, a.current); }
  void operator()(const TermChanged& a) { all(a.sink, a.epoch, a.floor, std::uint64_t{a.published}); }
  void operator()(const Withdrawn& a) { all(a.contract, a.sink, a.object, number(a.reason)); }
  void operator()(const Published& a) { all(a.sink, number(a.outcome), a.version); }
  void operator()(const SinkStale& a) { all(a.sink, a.floor); }
  void operator()(const engine::Confirmed& a) { all(a.sink, a.version, a.observers); }
  void operator()(const SlotChanged& a) {
    all(a.sink, a.epoch, a.nth, std::uint64_t{a.alone}, a.observers.size());
    for (const ContractId id : a.observers) all(id);
  }
  void operator()(const LinkReady& a) { all(a.link, number(a.role), a.peer, std::string_view(a.peer_name)); }
  void operator()(const LinkLost& a) { all(a.link, number(a.code)); }
  void operator()(const ContractRefused& a) { all(a.contract, number(a.code)); }
};

}  // namespace

void TraceHash::word(std::uint64_t w) {
  value_ = (value_ ^ w) * 0x9e3779b97f4a7c15ull;
  value_ ^= value_ >> 29;
}

void TraceHash::bytes(std::span<const std::byte> data) {
  word(data.size());
  std::uint64_t w = 0;
  int filled = 0;
  for (std::byte b : data) {
    w = w << 8 | static_cast<std::uint64_t>(b);
    if (++filled == 8) word(w), w = 0, filled = 0;
  }
  if (filled) word(w);
}

void TraceHash::event(int node, Instant now, const Event& event) {
  word(0x100u + event.index());
  word(static_cast<std::uint64_t>(node));
  word(static_cast<std::uint64_t>(std::chrono::nanoseconds(now.time_since_epoch()).count()));
  std::visit(Put{*this}, event);
}

void TraceHash::action(const Action& action) {
  word(0x200u + action.index());
  std::visit(Put{*this}, action);
}

}  // namespace mla::sim
