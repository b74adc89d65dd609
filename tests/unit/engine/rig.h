#pragma once
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exchange/codec/codec.h"
#include "exchange/core/tree.h"
#include "exchange/engine/engine.h"

namespace mla::engine::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline ObjectPtr object(const char* json, std::vector<TagDescriptor> tags = {}) {
  return std::make_shared<const ObjectDescriptor>(std::move(tags), *Json::parse(json));
}

inline PayloadPtr bytes(std::size_t size, unsigned char value = 'x') {
  return std::make_shared<const Payload>(
      Payload{{"BYTES"}, std::vector<std::byte>(size, static_cast<std::byte>(value))});
}

/// One engine, with a test in the place of its peers, its users and its clock. *loop-confined*
struct Rig {
  struct Far {  ///< what the far side of a link has got
    std::vector<codec::Frame> frames;
    std::vector<std::size_t> messages;  // sizes
    std::vector<Bytes> bytes;           // of the same
    std::optional<ErrorCode> closed;
    bool ready = false;
    std::optional<ErrorCode> lost;
  };

  explicit Rig(Limits limits = {}, Principal everybody = {}, Outlet* outlet = nullptr)
      : engine(Config{.node = NodeId{100},
                      .seed = 1,
                      .name = "rig",
                      .limits = limits,
                      .local = everybody,
                      .peers = everybody},
               outlet) {}

  Actions step(const Event& event) { return step(std::span(&event, 1)); }
  Actions step(std::span<const Event> events) {
    Actions actions;
    engine.step(now, events, actions);
    for (auto& action : actions) {
      if (const auto* sent = std::get_if<SendFrames>(&action)) {
        Far& to = far[sent->link];
        to.messages.push_back(sent->message->size());
        to.bytes.push_back(sent->message);
        codec::Decoder decoder(*sent->message);
        codec::Frame frame;
        while (decoder.next(frame) == codec::Decoder::Outcome::frame) to.frames.push_back(frame);
      } else if (const auto* c = std::get_if<CloseLink>(&action)) {
        far[c->link].closed = c->code;
      } else if (const auto* r = std::get_if<LinkReady>(&action)) {
        far[r->link].ready = true;
      } else if (const auto* l = std::get_if<LinkLost>(&action)) {
        far[l->link].lost = l->code;
      } else {
        notices.push_back(action);
      }
    }
    return actions;
  }

  template <class... Frames>
  void send(LinkId link, const Frames&... frames) {
    std::vector<std::byte> message;
    (codec::encode(frames, message), ...);
    step(LinkFrames{link, message});
  }

  LinkId up(LinkRole role, std::size_t room = 1 << 20) {
    const LinkId link{++last_link};
    step(LinkUp{link, role, room, {}, {}});
    return link;
  }
  /// A child that has said HELLO.
  LinkId child(std::uint64_t node, std::size_t room = 1 << 20, std::uint32_t heartbeat_ms = 10000) {
    const LinkId link = up(LinkRole::child, room);
    send(link, codec::Hello{.node = NodeId{node},
                            .connection = ++connections,
                            .heartbeat_ms = heartbeat_ms,
                            .path = {NodeId{node}}});
    return link;
  }
  /// A parent that has said WELCOME.
  LinkId parent(std::uint64_t node = 50, std::size_t room = 1 << 20) {
    const LinkId link = up(LinkRole::parent, room);
    send(link, codec::Welcome{.node = NodeId{node}, .heartbeat_ms = 10000, .path = {NodeId{node}}});
    return link;
  }
  void define(LinkId link, std::uint64_t handle, const ObjectPtr& o) {
    send(link, codec::DefineObject{codec::Handle{handle}, o->canonical()});
  }

  ContractId open(ContractKind kind, const ObjectPtr& o, ContractOptions options = {}) {
    const ContractId id{++last_contract};
    step(OpenContract{.id = id, .kind = kind, .object = o, .options = options});
    return id;
  }
  ContractId open_tag(ContractKind kind, const char* tag) {
    const ContractId id{++last_contract};
    step(OpenContract{.id = id, .kind = kind, .tag = TagDescriptor(tag)});
    return id;
  }
  /// The sink given out last.
  SinkId sink() const {
    SinkId last;
    for (const auto& n : notices)
      if (const auto* e = std::get_if<Elected>(&n)) last = e->sink;
    return last;
  }
  void publish(PayloadPtr payload) { step(Publish{.sink = sink(), .payload = std::move(payload)}); }

  void wait(milliseconds d) {
    const Instant end = now + d;
    while (auto next = engine.next_deadline()) {
      if (*next > end) break;
      now = std::max(now, *next);
      step(DeadlineReached{});
    }
    now = end;
  }

  template <class T>
  std::vector<T> got(LinkId link) const {
    std::vector<T> all;
    if (auto it = far.find(link); it != far.end())
      for (const auto& f : it->second.frames)
        if (const auto* t = std::get_if<T>(&f)) all.push_back(*t);
    return all;
  }
  template <class T>
  std::vector<T> told() const {
    std::vector<T> all;
    for (const auto& n : notices)
      if (const auto* t = std::get_if<T>(&n)) all.push_back(*t);
    return all;
  }
  const core::ObjectRecord* record(const ObjectPtr& o) const { return engine.tree().find(o->canonical()); }

  Engine engine;
  Instant now{std::chrono::hours(1)};
  std::map<LinkId, Far> far;
  std::vector<Action> notices;
  std::uint32_t last_link = 0;
  std::uint64_t last_contract = 0, connections = 0;
};

}  // namespace mla::engine::test
