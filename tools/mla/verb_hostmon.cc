#include <mla/exchange.h>
#include <unistd.h>

#include <map>
#include <memory>

#include "tools/mla/host/part.h"
#include "tools/mla/session.h"
#include "tools/mla/verbs.h"

namespace mla::cli {
namespace {

constexpr std::chrono::milliseconds kFirstWindow{200};  // what the first rates after a pause are taken over

/// One object: a part of the machine's load. Has a timer only while somebody observes it. *loop-confined*
class SharedPart {
 public:
  SharedPart(Session& session, std::unique_ptr<host::Part> part, const std::string& name,
             std::chrono::nanoseconds interval, Loop::Clock::time_point beat)
      : session_(session),
        part_(std::move(part)),
        interval_(interval),
        beat_(beat),
        wakeup_(session.loop(), [this] { take(); }),
        contract_(session.exchange().object_expose_contract(describe(name)).build()) {
    contract_.on_ready(wakeup_.hook());
  }
  ~SharedPart() { contract_.on_ready({}); }
  SharedPart(const SharedPart&) = delete;
  SharedPart& operator=(const SharedPart&) = delete;

 private:
  ObjectDescriptor describe(const std::string& name) const {
    JsonWriter w;
    w.begin_object().member("host", name).member("part", part_->name()).end_object();
    auto json = Json::parse(w.text());
    if (!json) throw Error(json.error(), "host name");
    return ObjectDescriptor({TagDescriptor("host")}, *std::move(json));
  }

  void take() {
    for (;;) {
      auto event = contract_.try_next_event();
      if (event.ended()) return session_.end(ExitCode::failed, "the contract has ended");
      if (!event) return;
      if (event->kind == ExposeEventKind::elected)
        begin(*event->sink);
      else
        pause();
    }
  }

  void begin(StateSink sink) {
    pause();
    sink_.emplace(std::move(sink));
    session_.remark(std::string(part_->name()) + ": observed, sampling from sample " +
                    std::to_string(samples_ + 1));
    if (!part_->needs_baseline()) return sample();
    part_->read_baseline();
    timer_ = session_.loop().after(std::min<std::chrono::nanoseconds>(kFirstWindow, interval_),
                                   [this] { sample(); });
  }

  void pause() {
    if (!sink_) return;
    session_.loop().cancel(timer_);
    sink_.reset();
    session_.remark(std::string(part_->name()) + ": not observed, paused after sample " +
                    std::to_string(samples_));
  }

  void sample() {
    JsonWriter w;
    std::string why;
    w.begin_object().member("sample", ++samples_);
    if (!part_->sample(w, why)) {
      session_.say(std::string(part_->name()) + ": " + why);
      sink_->decline(why, std::chrono::seconds(30));
      return pause();
    }
    w.end_object();
    sink_->send(State::json(w.text()));
    schedule();
  }

  /// All parts sample at the same beat, so that the machine is woken once for all of them.
  void schedule() {
    const auto now = Loop::Clock::now();
    auto next = beat_ + ((now - beat_) / interval_ + 1) * interval_;
    if (next - now < interval_ / 4) next += interval_;
    timer_ = session_.loop().at(next, [this] { sample(); });
  }

  Session& session_;
  std::unique_ptr<host::Part> part_;
  std::chrono::nanoseconds interval_;
  Loop::Clock::time_point beat_;
  std::uint64_t samples_ = 0;
  std::optional<StateSink> sink_;
  Loop::TimerId timer_;
  Wakeup wakeup_;
  ExposeContract contract_;
};

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

}  // namespace

int run_hostmon(const Options& options, const HostmonOptions& hostmon) {
  const std::string name = hostmon.name.empty() ? host_name() : hostmon.name;
  Session session(options, "mla hostmon " + name);
  session.when_linked([&] {
    session.remark("offering this machine's load as objects tagged host at " + options.url +
                   ", sampled while somebody observes");
    session.when_linked({});
  });
  std::vector<std::unique_ptr<SharedPart>> shared;
  const auto beat = Loop::Clock::now();
  for (auto& part : host::make_parts())
    shared.push_back(std::make_unique<SharedPart>(session, std::move(part), name, hostmon.interval, beat));
  return session.run();
}

}  // namespace mla::cli
