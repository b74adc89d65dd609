#include "tests/unit/codec/frame_json.h"

#include <string_view>
#include <type_traits>

#include "tests/unit/codec/golden.h"

namespace mla::codec::test {
namespace {

std::string json(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}
std::string json(const std::string& text) {
  return json(std::string_view(text));
}
std::string json(bool value) {
  return value ? "true" : "false";
}

template <class T>
requires std::is_integral_v<T> std::string json(T value) {
  const bool exact = value >= 0 ? static_cast<std::uint64_t>(value) <= (std::uint64_t{1} << 53)
                                : static_cast<std::int64_t>(value) >= -(std::int64_t{1} << 53);
  return exact ? std::to_string(value) : '"' + std::to_string(value) + '"';
}
template <class T>
requires std::is_enum_v<T> std::string json(T value) {
  return std::to_string(static_cast<unsigned>(value));
}

std::string json(Handle handle) {
  return json(handle.value);
}
std::string json(NodeId id) {
  return '"' + to_string(id) + '"';
}
std::string json(const std::vector<std::byte>& bytes) {
  return '"' + to_hex(bytes) + '"';
}

template <class Items>
std::string json_list(const Items& items) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += json(item);
  }
  return out + ']';
}
std::string json(const Version& version) {
  return json_list(version.items());
}
std::string json(const std::vector<NodeId>& path) {
  return json_list(path);
}
std::string json(const std::vector<std::string>& texts) {
  return json_list(texts);
}

/// Pairs of name and value.
std::string fields() {
  return "";
}
template <class T, class... More>
std::string fields(std::string_view name, const T& value, const More&... more);

template <class... Pairs>
std::string object(const Pairs&... pairs) {
  return '{' + fields(pairs...) + '}';
}
std::string json(const Epoch& epoch) {
  return object("counter", epoch.counter, "minter", epoch.minter);
}
std::string json(const Stamp& stamp) {
  return object("epoch", stamp.epoch, "version", stamp.version);
}
std::string json(const Exposure& e) {
  return e.takes_over == e.priority
             ? object("priority", e.priority, "capacity", e.capacity)
             : object("priority", e.priority, "capacity", e.capacity, "takes_over", e.takes_over);
}
std::string json(const AtWork& w) {
  return object("priority", w.priority, "linger_ms", w.linger_ms);
}
template <class T>
std::string json(const std::optional<T>& value) {
  return value ? json(*value) : "null";
}

template <class T, class... More>
std::string fields(std::string_view name, const T& value, const More&... more) {
  return json(name) + ':' + json(value) + (sizeof...(more) > 0 ? "," : "") + fields(more...);
}

template <class... Pairs>
std::string frame(std::string_view name, const Pairs&... pairs) {
  return '{' + json(name) + ':' + object(pairs...) + '}';
}

/// A field that came later is left out when it says nothing.
template <class T>
std::string with(std::string frame, std::string_view name, const T& value, bool says_something) {
  if (says_something) frame.insert(frame.size() - 2, ',' + fields(name, value));
  return frame;
}
std::string with(std::string frame, Interval interval) {
  return with(std::move(frame), "interval_us", interval.count(), interval.count() > 0);
}

struct Writer {
  std::string operator()(const Hello& f) const {
    const auto* credentials = reinterpret_cast<const std::byte*>(f.credentials.data());
    return frame("hello", "protocol_min", f.protocol_min, "protocol_max", f.protocol_max, "node", f.node,
                 "connection", f.connection, "heartbeat_ms", f.heartbeat_ms, "name", f.name, "path", f.path,
                 "codecs", f.codecs, "credentials",
                 std::vector<std::byte>(credentials, credentials + f.credentials.size()));
  }
  std::string operator()(const Welcome& f) const {
    return frame("welcome", "protocol", f.protocol, "node", f.node, "heartbeat_ms", f.heartbeat_ms, "name",
                 f.name, "path", f.path, "codecs", f.codecs);
  }
  std::string operator()(const Close& f) const { return frame("close", "code", f.code, "detail", f.detail); }
  std::string operator()(const Ping& f) const { return frame("ping", "sequence", f.sequence); }
  std::string operator()(const Pong& f) const { return frame("pong", "sequence", f.sequence); }
  std::string operator()(const Path& f) const { return frame("path", "ids", f.ids); }
  std::string operator()(const DefineObject& f) const {
    return frame("define_object", "handle", f.handle, "canonical", f.canonical);
  }
  std::string operator()(const Release& f) const { return frame("release", "handle", f.handle); }
  std::string operator()(const Tag& f) const {
    return with(frame("tag", "tag", f.tag, "observes", f.observes, "exposes", f.exposes), f.interval);
  }
  std::string operator()(const Interest& f) const {
    if (f.gone) return frame("interest", "handle", f.handle, "gone", true);
    auto text = frame("interest", "handle", f.handle, "gone", false, "fresh", f.fresh, "observes", f.observes,
                      "holds", f.holds, "exposes", f.exposes, "heard", f.heard, "floor", f.floor, "have",
                      f.have, "avail", f.avail, "active", f.active, "again", f.again);
    return with(with(std::move(text), f.interval), "at_work", f.at_work, f.at_work.has_value());
  }
  std::string operator()(const Giveup& f) const {
    return frame("giveup", "handle", f.handle, "epoch", f.epoch, "reason", f.reason, "text", f.text,
                 "retry_after_ms", f.retry_after_ms);
  }
  std::string operator()(const Started& f) const {
    return frame("started", "handle", f.handle, "epoch", f.epoch, "version", f.version);
  }
  std::string operator()(const Assign& f) const {
    return with(frame("assign", "handle", f.handle, "epoch", f.epoch, "floor", f.floor, "want", f.want),
                f.interval);
  }
  std::string operator()(const Want& f) const {
    return with(frame("want", "handle", f.handle, "want", f.want), f.interval);
  }
  std::string operator()(const Floor& f) const {
    return frame("floor", "handle", f.handle, "floor", f.floor);
  }
  std::string operator()(const Withdraw& f) const {
    return frame("withdraw", "handle", f.handle, "epoch", f.epoch, "reason", f.reason);
  }
  std::string operator()(const End& f) const { return frame("end", "handle", f.handle); }
  std::string operator()(const Pull& f) const { return frame("pull", "handle", f.handle); }
  std::string operator()(const StandingTold& f) const {
    return frame("standing", "handle", f.handle, "kind", f.kind, "reason", f.reason);
  }
  std::string operator()(const StateFrame& f) const {
    const auto with = [&](auto... flags) {
      return frame(f.carry ? "carry" : "state", "handle", f.handle, "epoch", f.epoch, "version", f.version, "nth", f.nth,
                   "base_nth", f.base_nth, "age_us", f.age_us, "format", f.format, "checksum", f.checksum, "parts_bytes",
                   f.parts_bytes, "body", f.body, flags...);
    };
    if (f.confirm && f.zstd) return with("confirm", true, "zstd", true);
    if (f.confirm) return with("confirm", true);
    return f.zstd ? with("zstd", true) : with();
  }
  std::string operator()(const Part& f) const {
    return frame("part", "handle", f.handle, "offset", f.offset, "bytes", f.bytes);
  }
  std::string operator()(const Fresh& f) const {
    return frame("fresh", "handle", f.handle, "epoch", f.epoch, "version", f.version, "age_us", f.age_us);
  }
  std::string operator()(const Need& f) const { return frame("need", "handle", f.handle); }
  std::string operator()(const Confirmed& f) const {
    return frame("confirmed", "handle", f.handle, "epoch", f.epoch, "version", f.version, "observers", f.observers);
  }
};

}  // namespace

std::string to_json(const Frame& frame) {
  return std::visit(Writer{}, frame);
}

}  // namespace mla::codec::test
