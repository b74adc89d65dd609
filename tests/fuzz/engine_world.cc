#include "tests/fuzz/engine_world.h"

#include <algorithm>
#include <array>
#include <limits>

#include "exchange/codec/codec.h"
#include "exchange/codec/compressor.h"
#include "exchange/codec/difference.h"
#include "exchange/codec/layout.h"
#include "tests/fuzz/require.h"

namespace mla::engine::test {

using namespace codec;
using mla::test::require;
using std::chrono::milliseconds;
using Counting = mla::test::HeapMeter::Counting;

namespace {

constexpr std::size_t kObjects = 6;
constexpr std::size_t kTags = 3;
constexpr std::size_t kMostLinks = 5;

// What an engine may take, beside 4 × what its peers have sent.
constexpr std::int64_t kEngineBytes = 56 << 10;    // tables and pools keep the room they once needed; zstd takes 27 KiB for a prefix
constexpr std::int64_t kPromisedBytes = 64 << 10;  // a link, by P14
constexpr std::int64_t kContractBytes = 1 << 10;
constexpr std::int64_t kPublishBytes = 1 << 10;
// Narrower than what P14 gives to a link: what a link and each record take at most.
constexpr std::int64_t kLinkBytes = 8 << 10;
constexpr std::int64_t kObjectBytes = 2 << 10;
constexpr std::int64_t kTagBytes = 2 << 10;
constexpr std::int64_t kChildBytes = 2 << 10;  // what one child says of one object

const std::array<ObjectPtr, kObjects>& objects() {
  static const std::array<ObjectPtr, kObjects> all = [] {
    const auto make = [](std::vector<TagDescriptor> tags, const char* json) {
      return std::make_shared<const ObjectDescriptor>(std::move(tags), *Json::parse(json));
    };
    return std::array<ObjectPtr, kObjects>{make({{"T"}}, "1"), make({{"T"}, {"U"}}, "2"),
                                           make({}, "3"),      make({{"U"}}, "4"),
                                           make({{"V"}}, "5"), make({{"T"}}, R"({"$mla":1})")};
  }();
  return all;
}
const std::array<std::string, kObjects>& canonical_texts() {
  static const std::array<std::string, kObjects> all = [] {
    std::array<std::string, kObjects> texts;
    for (std::size_t i = 0; i < kObjects; ++i) texts[i] = objects()[i]->canonical();
    return texts;
  }();
  return all;
}
const char* const kTagTexts[kTags] = {"\"T\"", "\"U\"", "{\"$mla\":0}"};

Limits limits() {
  Limits l;
  l.heartbeat = milliseconds(1000);
  l.handshake = milliseconds(1000);
  l.handover = milliseconds(100);
  l.avoid = milliseconds(100);
  l.chunk_bytes = 64;
  l.delta_bytes = 8;
  l.state_bytes = 300;
  l.message_bytes = 2048;
  l.pre_welcome_bytes = 1024;
  l.outbound_bytes = 16 << 10;
  l.objects_per_link = 8;
  l.contracts_per_link = 3;
  l.links = kMostLinks;
  l.transfers_per_link = 2;
  return l;
}

PayloadPtr payload(std::size_t size) {
  return std::make_shared<const Payload>(Payload{{"TEXT"}, std::vector<std::byte>(size, std::byte{'x'})});
}

}  // namespace

Reached& reached() {
  static Reached all;
  return all;
}

std::uint8_t Choices::byte() {
  if (rest_.empty()) return 0;
  const std::uint8_t first = rest_.front();
  rest_ = rest_.subspan(1);
  return first;
}

std::span<const std::uint8_t> Choices::take(std::size_t n) {
  const auto taken = rest_.first(std::min(n, rest_.size()));
  rest_ = rest_.subspan(taken.size());
  return taken;
}

World::World(Choices& choices)
    : in_(choices),
      engine_(Config{.node = NodeId{100}, .seed = 1, .name = "fuzz", .limits = limits(), .local = {}, .peers = {}}),
      now_(std::chrono::hours(1)) {}

void World::step(const Event& event) {
  Actions actions;
  {
    const Counting counting(heap_);
    engine_.step(now_, event, actions);
  }
  ++reached().events;
  check(actions);
  const Counting counting(heap_);  // what left the engine with the actions goes with them
  Actions().swap(actions);
}

void World::check_memory() {
  const EngineInfo info = engine_.info();
  std::size_t children = 0;
  for (std::size_t i = 0; i < kObjects; ++i)
    if (const auto* o = record(i)) children += o->children.size();
  const auto links = static_cast<std::int64_t>(info.links.size());
  const std::int64_t records = kObjectBytes * static_cast<std::int64_t>(info.objects) +
                               kTagBytes * static_cast<std::int64_t>(info.tags) +
                               kChildBytes * static_cast<std::int64_t>(children);
  // The peak lies between this and the last time.
  const std::int64_t most_links = std::max(links, links_), most_records = std::max(records, records_);
  links_ = links;
  records_ = records;
  const std::int64_t all = kEngineBytes + users_ + 4 * received_;
  require(heap_.peak() <= all + kPromisedBytes * most_links, "an engine takes more memory than P14 allows");
  const std::int64_t bound = all + kLinkBytes * most_links + most_records;
  reached().least_spare = std::min(reached().least_spare, bound - heap_.peak());
  require(heap_.peak() <= bound, "links and records take more memory than is known of them");
  heap_.reset_peak();
}

void World::check(const Actions& actions) {
  for (const Action& action : actions) {
    if (const auto* sent = std::get_if<SendFrames>(&action)) {
      auto peer = peers_.find(sent->link);
      require(peer != peers_.end(), "something is sent on a link that is not up");
      require(sent->message->size() <= (128 << 10), "a message is too large");
      peer->second.free -= std::min(peer->second.free, sent->message->size());
      Decoder decoder(*sent->message);
      Frame read;
      Decoder::Outcome outcome;
      while ((outcome = decoder.next(read)) == Decoder::Outcome::frame) {
        if (std::holds_alternative<Part>(read)) ++reached().parts;
      }
      require(outcome == Decoder::Outcome::done && decoder.skipped() == 0, "what is sent cannot be read");
    } else if (const auto* closed = std::get_if<CloseLink>(&action)) {
      require(peers_.erase(closed->link) == 1, "a link is closed that is not up");
      ++reached().links_closed;
    } else if (const auto* ready = std::get_if<LinkReady>(&action)) {
      auto peer = peers_.find(ready->link);
      require(peer != peers_.end() && !peer->second.ready, "a link becomes ready twice");
      peer->second.ready = true;
      ++reached().links_ready;
    } else if (const auto* elected = std::get_if<Elected>(&action)) {
      require(contracts_.count(elected->contract) == 1, "a dropped contract is elected");
      require(sinks_.insert(elected->sink).second, "a sink is given out twice");
      ++reached().elected;
    } else if (const auto* withdrawn = std::get_if<Withdrawn>(&action)) {
      require(sinks_.erase(withdrawn->sink) == 1, "a sink ends that is not held");
    } else if (const auto* state = std::get_if<StateArrived>(&action)) {
      require(contracts_.count(state->contract) == 1, "a state for a dropped contract");
      require(state->state.payload() != nullptr, "a state without data");
      ++reached().delivered;
    }
  }
  if (++checks_ % 4 != 0) return;  // what follows costs as much as the step
  check_memory();
  const EngineInfo info = engine_.info();
  const Limits l = limits();
  require(info.links.size() == peers_.size(), "the engine's links are not those that are up");
  require(info.contracts == contracts_.size(), "the engine's contracts are not those that are open");
  require(info.objects <= kObjects, "more objects than there are names");
  require(info.path.size() <= l.depth, "the path is too long");
  for (const LinkInfo& link : info.links) {
    require(link.queued_bytes <= l.outbound_bytes, "a link's queue is beyond its bound");
    require(link.pending_objects <= kObjects * 2, "a link has lanes of objects that are gone");
  }
  for (std::size_t i = 0; i < kObjects; ++i) {
    const auto* o = record(i);
    if (!o) continue;
    for (const auto& c : o->children)
      require(peers_.count(c.link) == 1, "an object knows of a link that is gone");
    require(!(o->cur && o->passing->drain) || o->passing->drain->epoch < o->cur->epoch, "a draining term is not the older one");
    require(o->heard().counter < std::uint64_t{1} << 62, "an epoch is near its end");
    require(o->up()->terms.size() <= 16, "terms of the parent pile up");
    require(!o->touched, "a record was left undecided");
  }
  reached().states_accepted += info.states_accepted > 0;
  reached().epochs_minted += info.epochs_minted > 0;
}

const core::ObjectRecord* World::record(std::size_t object) const {
  return engine_.tree().find(canonical_texts()[object]);
}

std::optional<LinkId> World::any_link() {
  if (peers_.empty()) return std::nullopt;
  return std::next(peers_.begin(), static_cast<std::ptrdiff_t>(in_.below(peers_.size())))->first;
}

// ---- fields, often such that they mean something now

Handle World::handle() {
  object_ = in_.below(kObjects);
  return Handle{object_ + 1};
}

Epoch World::epoch() {
  const auto* o = record(object_);
  const std::uint8_t choice = in_.byte();
  if (o) {
    const Epoch cur = o->cur ? o->cur->epoch : o->heard();
    switch (choice % 8) {
      case 0:
      case 1:
        return cur;
      case 2:
        return {cur.counter + 1, NodeId{1}};
      case 3:
        return {cur.counter, NodeId{cur.minter.value + 1}};
      case 4:
        if (o->passing->drain) return o->passing->drain->epoch;
        break;
      case 5:
        if (o->has_state()) return o->held().stamp.epoch;
        break;
      default:
        break;
    }
  }
  if (choice == 255) return {kMaxEpochCounter, NodeId{1}};
  if (choice == 254) return {kMaxEpochCounter / 2, NodeId{1}};
  if (choice == 253) return {std::uint64_t{1} << 39, NodeId{1}};
  return {choice % 4u, NodeId{choice % 3u}};
}

Version World::version() {
  const auto* o = record(object_);
  const std::uint8_t choice = in_.byte();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  switch (choice % 8) {
    case 0:
      if (o) return o->floor();
      break;
    case 1:
    case 2:
      if (o) return o->floor().next();
      break;
    case 3:
      if (o && o->has_state()) return o->held().stamp.version;
      break;
    case 4:
      if (choice < 20) return {kMost};
      if (choice < 30) return {kMost, kMost};
      if (choice < 34) return *Version::from(std::vector<std::int64_t>(16, kMost));
      break;
    case 5:
      return {};
    default:
      break;
  }
  return {choice % 5, choice % 3};
}

std::optional<Stamp> World::stamp() {
  if (in_.coin()) return std::nullopt;
  const Epoch e = epoch();
  return Stamp{e, version()};
}
std::optional<Exposure> World::exposure() {
  const std::uint8_t choice = in_.byte();
  if (choice % 2) return std::nullopt;
  if (choice > 240)
    return Exposure{.priority = std::numeric_limits<std::int32_t>::max(), .capacity = kMaxCapacity};
  if (choice > 230)
    return Exposure{.priority = std::numeric_limits<std::int32_t>::min(), .capacity = kMaxCapacity};
  return Exposure{.priority = choice % 3, .takes_over = choice % 2, .capacity = choice % 5u};
}
Interval World::interval() {
  const std::uint8_t choice = in_.byte();
  return choice % 4 ? Interval(0) : Interval(choice * 10'000u);
}
std::optional<std::uint64_t> World::age() {
  const std::uint8_t choice = in_.byte();
  if (choice % 2) return std::nullopt;
  return choice > 250 ? kMaxAgeUs : choice;
}

// ---- what happens

void World::run() {
  while (!in_.empty()) act();
}

void World::act() {
  switch (in_.below(16)) {
    case 0:
      return link_up();
    case 1:
      if (auto link = any_link()) {
        peers_.erase(*link);
        step(LinkDown{*link});
      }
      return;
    case 2:
      if (auto link = any_link()) {
        const std::size_t room = std::size_t{in_.byte()} * 8;
        peers_.at(*link).free = room;
        step(LinkWritable{*link, room});
      }
      return;
    case 3: {
      now_ += milliseconds(in_.below(4) == 0 ? 1500 : in_.byte());
      step(DeadlineReached{});
      const auto next = engine_.next_deadline();
      require(!next || *next > now_, "a deadline stays when its time has come");
      return;
    }
    case 4:
    case 5:
      return contract();
    case 6:
    case 7:
    case 8:
      return user();
    default:
      now_ += std::chrono::microseconds(1);
      return frames();
  }
}

/// To what the engine has of the object, mostly; it may fit, or be bent.
void World::encode_difference(StateFrame& s, std::uint8_t choice) {
  const auto* const o = record(object_);
  const core::Held* const held = o && o->has_state() ? &o->held() : nullptr;
  if (held && choice % 4) {
    s.epoch = held->stamp.epoch;
    s.base_nth = held->nth;
    s.nth = held->nth + 1;
    s.version = held->stamp.version.next();
  } else if (choice % 8) {
    s.base_nth = choice;
  }
  const std::vector<std::byte> base = held ? held->payload->data : std::vector<std::byte>();
  std::vector<std::byte> next = base;
  next.resize(std::min<std::size_t>(base.size() + choice % 7, 299), std::byte{2});
  s.checksum = checksum(next) ^ (choice % 16 == 0);
  s.zstd = !s.base_nth || choice % 3 == 0;
  if (s.zstd) {
    static Compressor compressor;  // a peer's, not the engine's
    compressor.compress(next, s.base_nth ? std::span<const std::byte>(base) : std::span<const std::byte>(), 1000, s.body);
  } else {
    s.body.clear();
    splice(base, next, s.body);
  }
  if (choice % 32 == 1 && !s.body.empty()) s.body.back() ^= std::byte{8};
}

void World::link_up() {
  if (next_link_ > 60) return;
  const LinkId link{next_link_++};
  Peer peer;
  const std::uint8_t choice = in_.byte();
  peer.role = choice % 3 == 0 ? LinkRole::parent : LinkRole::child;
  peer.node = NodeId{1 + (choice >> 2) % 5u};
  peer.free = choice & 2 ? 100000 : 100;
  peers_[link] = peer;
  step(LinkUp{link, peer.role, peer.free, std::nullopt, {}});
  if (choice < 240) hand_shake(link);
}

void World::hand_shake(LinkId link) {
  auto it = peers_.find(link);
  if (it == peers_.end()) return;
  std::vector<std::byte> message;
  if (it->second.role == LinkRole::child) {
    encode(Hello{.node = it->second.node,
                 .connection = next_connection_++,
                 .heartbeat_ms = 1000,
                 .path = {it->second.node},
                 .codecs = next_connection_ % 2 ? std::vector<std::string>{"splice"} : std::vector<std::string>{}},
           message);
  } else {
    const NodeId node{in_.below(8) ? 50 : it->second.node.value};
    encode(Welcome{.node = node, .heartbeat_ms = 1000, .path = {NodeId{51}, node}}, message);
  }
  for (std::size_t i = 0; i < kObjects; ++i)
    if (in_.below(8)) encode(DefineObject{Handle{i + 1}, canonical_texts()[i]}, message);
  send(link, message);
}

void World::contract() {
  const std::uint8_t choice = in_.byte();
  if (choice % 4 == 0 && !contracts_.empty()) {
    auto it = std::next(contracts_.begin(), static_cast<std::ptrdiff_t>(in_.below(contracts_.size())));
    const ContractId id = it->first;
    if (choice % 16 == 0) {
      step(SetMinInterval{id, interval()});
    } else if (choice % 8 == 0) {
      step(SetCapacity{id, static_cast<std::uint32_t>(in_.below(3))});
    } else {
      contracts_.erase(id);
      step(DropContract{id});
    }
    return;
  }
  if (contracts_.size() >= 12) return;
  const ContractId id{next_contract_++};
  OpenContract open{.id = id, .kind = static_cast<ContractKind>(in_.below(4))};
  if (by_tag(open.kind))
    open.tag = TagDescriptor(*Json::parse(kTagTexts[in_.below(2)]));
  else
    open.object = objects()[in_.below(kObjects - 1)];
  open.options.capacity = in_.below(4) ? 1000000 : 0;
  open.options.priority = static_cast<std::int32_t>(in_.below(3));
  if (in_.below(4) == 0) open.options.limit = 1;
  open.options.confirmation = id.value % 2 == 0;
  contracts_[id] = open.kind;
  users_ += kContractBytes;
  step(open);
}

void World::user() {
  if (sinks_.empty()) return contract();
  const SinkId sink =
      *std::next(sinks_.begin(), static_cast<std::ptrdiff_t>(in_.below(sinks_.size())));
  const std::uint8_t choice = in_.byte();
  if (choice < 8) return step(Decline{sink, "no", milliseconds(choice * 50)});
  if (choice == 8) {  // fewer links and objects, or as many as before
    Limits other = limits();
    if (in_.coin()) other.links = other.objects_per_link = 3;
    return step(Reconfigured{other});
  }
  Publish publish{.sink = sink};
  {
    const std::size_t size = in_.below(8) ? choice : 290;
    const Counting counting(heap_);
    publish.payload = payload(size);
  }
  object_ = choice % kObjects;
  if (choice % 4 == 0) publish.version = version();
  publish.own_version = choice % 8 != 0;
  users_ += kPublishBytes;
  step(publish);
}

Frame World::frame(const Peer& peer) {
  const std::uint8_t kind = in_.byte();
  // Mostly what this side may say, sometimes anything.
  const bool up = kind < 248 ? peer.role == LinkRole::child : in_.coin();
  switch (kind % 24) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5: {
      StateFrame s{.handle = handle()};
      s.epoch = epoch();
      s.version = version();
      s.nth = in_.byte();
      s.age_us = age();
      s.carry = up && kind % 24 == 0;
      s.confirm = kind >= 128;
      const std::uint8_t choice = in_.byte();
      s.body.resize(choice % 16);
      if (choice > 190) encode_difference(s, choice);
      if (choice % 8 == 1) s.parts_bytes = choice / 8;
      return s;
    }
    case 6: {
      const std::uint8_t choice = in_.byte();
      return Part{handle(), choice % 2 ? 0u : choice / 8u, std::vector<std::byte>(choice / 2, std::byte{1})};
    }
    case 7: {
      Fresh f{.handle = handle()};
      f.epoch = epoch();
      f.version = version();
      f.age_us = age();
      return f;
    }
    case 8:
      return Need{handle()};
    case 9: {
      const Handle h = handle();
      return DefineObject{h, canonical_texts()[object_]};
    }
    case 10:
      return Release{handle()};
    case 11: {
      const std::uint8_t choice = in_.byte();
      switch (choice % 8) {
        case 0:
          return Close{choice % 16 ? ErrorCode::ok : ErrorCode::duplicate_id, "x"};
        case 1:
          return Pong{choice / 8u};
        case 2:
          return Hello{.node = NodeId{choice / 8u}, .connection = next_connection_++};
        case 3:
          return Welcome{.node = NodeId{50}, .path = {NodeId{50}}};
        default:
          return Ping{choice};
      }
    }
    default:
      break;
  }
  if (up) {
    switch (kind % 24) {
      case 14: {
        const Handle h = handle();
        const Epoch e = epoch();
        return codec::Confirmed{h, e, version(), in_.below(4)};
      }
      case 12:
      case 13: {
        const std::uint8_t choice = in_.byte();
        return Tag{kTagTexts[choice < 250 ? choice % 2 : 2], choice % 4 < 2, exposure(), interval()};
      }
      case 15: {
        const Handle h = handle();
        return Giveup{h, epoch(), static_cast<GiveupReason>(in_.below(3)), "busy", static_cast<std::uint32_t>(in_.below(500) * 8)};
      }
      case 16: {
        const Handle h = handle();
        const Epoch e = epoch();
        return Started{h, e, version()};
      }
      default: {
        Interest m{.handle = handle()};
        const std::uint8_t flags = in_.byte();
        if (flags > 220) {
          m.gone = true;
          return m;
        }
        m.fresh = flags & 1;
        m.observes = flags & 2;
        m.holds = flags & 4;
        m.exposes = exposure();
        m.heard = epoch();
        m.floor = version();
        m.have = stamp();
        m.avail = stamp();
        if (flags & 8) m.active = epoch();
        if (flags & 16) m.again = epoch();
        if (flags & 32) m.interval = interval();
        if (flags & 64)
          m.at_work =
              AtWork{static_cast<std::int32_t>(in_.below(3)), static_cast<std::uint32_t>(in_.below(3000))};
        return m;
      }
    }
  }
  switch (kind % 24) {
    case 12: {
      std::vector<NodeId> ids;
      for (std::uint64_t n = in_.below(18); n > 0; --n) ids.push_back(NodeId{in_.below(8) ? 30 + n : 100});
      if (in_.below(4)) ids.push_back(NodeId{50});
      if (ids.size() > kMaxPathIds) ids.pop_back();
      return Path{ids};
    }
    case 13:
      return Want{handle(), in_.coin(), interval()};
    case 14: {
      const Handle h = handle();
      return Floor{h, version()};
    }
    case 16: {
      const Handle h = handle();
      const Epoch e = epoch();
      return codec::Confirmed{h, e, version(), in_.below(4)};
    }
    case 15: {
      const Handle h = handle();
      return Withdraw{h, epoch(), static_cast<EndReason>(in_.below(7))};
    }
    case 17:
      return End{handle()};
    case 18:
      return Pull{handle()};
    case 19:
      return StandingTold{handle(), static_cast<StandingKind>(in_.below(5)), "reason"};
    default: {
      const Handle h = handle();
      const Epoch e = epoch();
      const Version v = version();
      return Assign{h, e, v, in_.coin(), interval()};
    }
  }
}

void World::frames() {
  const auto link = any_link();
  if (!link) return link_up();
  std::vector<std::byte> message;
  const std::uint8_t choice = in_.byte();
  for (unsigned n = 1 + choice % 4; n > 0; --n) {
    encode(frame(peers_.at(*link)), message);
    ++reached().frames;
  }
  if (choice >= 248) {
    // Not what a peer of ours would send.
    if (choice % 2) {
      for (const std::uint8_t b : in_.take(8)) message.push_back(static_cast<std::byte>(b));
    } else {
      for (int n = 0; n < 3; ++n)
        message[(in_.byte() << 8 | in_.byte()) % message.size()] = static_cast<std::byte>(in_.byte());
    }
  }
  send(*link, message);
}

void World::send(LinkId link, const std::vector<std::byte>& message) {
  received_ += static_cast<std::int64_t>(message.size());
  step(LinkFrames{link, message});
}

void World::finish() {
  while (!peers_.empty()) {
    const LinkId link = peers_.begin()->first;
    peers_.erase(peers_.begin());
    step(LinkDown{link});
  }
  while (!contracts_.empty()) {
    const ContractId id = contracts_.begin()->first;
    contracts_.erase(id);
    step(DropContract{id});
  }
  const EngineInfo info = engine_.info();
  require(info.objects == 0, "objects are left when all is gone");
  require(info.tags == 0, "tags are left when all is gone");
  require(info.links.empty(), "links are left when all is gone");
  require(sinks_.empty(), "sinks are left when all is gone");
}

}  // namespace mla::engine::test
