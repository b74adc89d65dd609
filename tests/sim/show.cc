#include "exchange/codec/codec.h"
#include "tests/sim/world.h"

// A message in words, for the trace of one seed.
namespace mla::sim {

using namespace codec;

namespace {

std::string show(const Epoch& e) {
  return std::to_string(e.counter) + "@" + std::to_string(e.minter.value % 1000);
}
std::string show(const Stamp& s) {
  return show(s.epoch) + to_string(s.version);
}
std::string show(const Exposure& e) {
  return std::to_string(e.priority) + "/" + std::to_string(e.capacity) +
         (e.takes_over == e.priority ? "" : "/" + std::to_string(e.takes_over));
}
std::string show(const AtWork& w) {
  return std::to_string(w.priority) + "/" + std::to_string(w.linger_ms);
}
std::string show(Interval i) {
  return i.count() ? " every " + std::to_string(i.count()) + "us" : "";
}
template <class T>
std::string show(const std::optional<T>& v) {
  return v ? show(*v) : "-";
}

struct Words {
  std::string operator()(const Hello& m) const { return "HELLO " + std::to_string(m.node.value % 1000); }
  std::string operator()(const Welcome& m) const { return "WELCOME " + std::to_string(m.node.value % 1000); }
  std::string operator()(const Close& m) const { return "CLOSE " + std::string(to_string(m.code)); }
  std::string operator()(const Path& m) const {
    std::string t = "PATH";
    for (NodeId id : m.ids) t += " " + std::to_string(id.value % 1000);
    return t;
  }
  std::string operator()(const DefineObject& m) const { return "DEFINE " + m.canonical; }
  std::string operator()(const Release&) const { return "RELEASE"; }
  std::string operator()(const Tag& m) const {
    return "TAG " + m.tag + (m.observes ? " obs" : "") + " exp " + show(m.exposes) + show(m.interval);
  }
  std::string operator()(const Interest& m) const {
    if (m.gone) return "INT gone";
    return std::string("INT") + (m.fresh ? " fresh" : "") + (m.observes ? " obs" : "") + " exp " +
           show(m.exposes) + " heard " + show(m.heard) + " floor " + to_string(m.floor) + " have " +
           show(m.have) + " avail " + show(m.avail) + " active " + show(m.active) + " again " +
           show(m.again) + show(m.interval) + (m.at_work ? " at work " + show(*m.at_work) : "");
  }
  std::string operator()(const Giveup& m) const { return "GIVEUP " + show(m.epoch) + " " + m.text; }
  std::string operator()(const Started& m) const { return "STARTED " + show(m.epoch); }
  std::string operator()(const Assign& m) const {
    return "ASSIGN " + show(m.epoch) + " floor " + to_string(m.floor) + (m.want ? " want" : "") +
           show(m.interval);
  }
  std::string operator()(const Want& m) const {
    return std::string("WANT ") + (m.want ? "1" : "0") + show(m.interval);
  }
  std::string operator()(const Floor& m) const { return "FLOOR " + to_string(m.floor); }
  std::string operator()(const Withdraw& m) const { return "WITHDRAW " + show(m.epoch); }
  std::string operator()(const End&) const { return "END"; }
  std::string operator()(const Pull&) const { return "PULL"; }
  std::string operator()(const StandingTold& m) const { return "STANDING " + std::string(to_string(m.kind)); }
  std::string operator()(const StateFrame& m) const {
    return std::string(m.carry ? "CARRY " : "STATE ") + show(Stamp{m.epoch, m.version}) +
           (m.age_us ? " stale" : " sync") + (m.confirm ? " confirm" : "");
  }
  std::string operator()(const codec::Confirmed& m) const {
    return "CONFIRMED " + show(Stamp{m.epoch, m.version}) + " by " + std::to_string(m.observers);
  }
  std::string operator()(const Part& m) const { return "PART " + std::to_string(m.offset); }
  std::string operator()(const Fresh& m) const {
    return "FRESH " + show(Stamp{m.epoch, m.version}) + (m.age_us ? " stale" : " sync");
  }
  std::string operator()(const Need&) const { return "NEED"; }
  std::string operator()(const Ping&) const { return {}; }
  std::string operator()(const Pong&) const { return {}; }
};

}  // namespace

std::string show(const std::vector<std::byte>& message) {
  std::string text;
  Decoder decoder(message);
  Frame frame;
  while (decoder.next(frame) == Decoder::Outcome::frame) {
    const std::string words = std::visit(Words{}, frame);
    if (words.empty()) continue;
    const auto handle = std::visit(
        [](const auto& m) {
          if constexpr (requires { m.handle; })
            return " h" + std::to_string(m.handle.value);
          else
            return std::string();
        },
        frame);
    text += "\n               " + words + handle;
  }
  return text;
}

}  // namespace mla::sim
