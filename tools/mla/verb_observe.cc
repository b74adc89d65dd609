#include <mla/exchange.h>

#include <map>
#include <utility>

#include "contracts/quantity.h"
#include "tools/mla/session.h"
#include "tools/mla/standing_talk.h"
#include "tools/mla/state_printer.h"
#include "tools/mla/verbs.h"

namespace mla::cli {
namespace {

ObserveContract open(const Exchange& exchange, const ObserveOptions& observe) {
  auto builder = std::holds_alternative<ObjectDescriptor>(observe.target)
                     ? exchange.object_observe_contract(std::get<ObjectDescriptor>(observe.target))
                     : exchange.tag_observe_contract(std::get<TagDescriptor>(observe.target));
  return builder.with_min_interval(observe.min_interval).build();
}

std::vector<TagDescriptor> known_tags(const Target& target) {
  if (const auto* tag = std::get_if<TagDescriptor>(&target)) return {*tag};
  return std::get<ObjectDescriptor>(target).tags();
}

/// *loop-confined*
class Observe {
 public:
  Observe(Session& session, const ObserveOptions& observe)
      : session_(session),
        left_(observe.count),
        known_tags_(known_tags(observe.target)),
        printer_({.lines_of_json = session.options().form != OutputForm::human,
                  .only_changes = session.terminal().out,
                  .colour = session.terminal().colour,
                  .known_tags = known_tags_}),
        wakeup_(session.loop(), [this] { take(); }),
        contract_(open(session.exchange(), observe)) {
    contract_.on_ready(wakeup_.hook());
    session.when_linked([this] {
      settle();
      if (!settled_ && !early_timer_) early_timer_ = session_.loop().after(kSettle, [this] { tell_early(); });
    });
    if (session.options().timeout)
      session.loop().after(*session.options().timeout, [this] { out_of_time(); });
  }
  ~Observe() {
    contract_.on_ready({});
    session_.when_linked({});
    if (settle_) session_.loop().cancel(*settle_);
    if (early_timer_) session_.loop().cancel(*early_timer_);
  }
  Observe(const Observe&) = delete;
  Observe& operator=(const Observe&) = delete;

 private:
  static constexpr std::chrono::milliseconds kSettle{300};  // a standing that lasts so long is worth a line
  static constexpr int kEventsAtATime = 256;                // then the loop looks at signals and timers

  void take() {
    for (int i = 0; i < kEventsAtATime; ++i) {
      auto event = contract_.try_next_event();
      if (!event) {
        session_.flush();
        if (event.ended())
          session_.end(ExitCode::failed,
                       "the contract has ended: " + std::string(to_string(contract_.end_reason())));
        return;
      }
      show(*event);
      if (left_ && *left_ == 0) return session_.flush(), session_.end(ExitCode::ok);
    }
    session_.flush();
    wakeup_.hook()();
  }

  void show(const ObserveEvent& event) {
    if (hold_back(event)) return;
    const auto printed = printer_.print(event, Terminal::width());
    if (printed.data) session_.out().line(*printed.data);
    if (printed.talk) session_.say(*printed.talk);
    if (session_.options().form == OutputForm::human) note_standing(event);
    if (!printed.is_state) return;
    got_state_ = true;
    if (left_) --*left_;
  }

  /// Before the first link, and until it had a moment to say more, a standing tells only that nobody in this
  /// process exposes the object.
  bool hold_back(const ObserveEvent& event) {
    if (session_.options().form == OutputForm::human) return false;
    const std::string key = event.object->canonical();
    if (settled_ || event.kind != ObserveEventKind::standing ||
        event.standing.kind != StandingKind::unexposed) {
      early_.erase(key);
      return false;
    }
    early_.insert_or_assign(key, event);
    return true;
  }

  void tell_early() {
    settled_ = true;
    for (const auto& [key, event] : std::exchange(early_, {})) show(event);
    session_.flush();
  }

  void note_standing(const ObserveEvent& event) {
    const std::string key = event.object->canonical();
    if (event.kind == ObserveEventKind::ended) talk_.forget(key);
    if (event.kind != ObserveEventKind::standing) return;
    talk_.note(key, show_object(*event.object, known_tags_), event.standing);
    settle();
  }

  void settle() {
    if (!settle_ && talk_.unsettled()) settle_ = session_.loop().after(kSettle, [this] { say_standings(); });
  }

  void say_standings() {
    settle_.reset();
    if (!session_.was_linked()) return;  // before, they say only that nobody is in this process
    for (const auto& sentence : talk_.settled()) session_.say(sentence);
  }

  void out_of_time() {
    if (!session_.was_linked()) return;  // the session says that
    if (got_state_ && !left_) return;
    const auto standing = contract_.standing();
    const bool absent =
        !got_state_ && standing &&
        (standing->kind == StandingKind::unexposed || standing->kind == StandingKind::declined);
    session_.end(absent ? ExitCode::absent : ExitCode::timed_out,
                 "no state in " + format_duration(*session_.options().timeout) +
                     (absent ? ", the object is " + std::string(to_string(standing->kind)) : ""));
  }

  Session& session_;
  std::optional<std::uint64_t> left_;
  bool got_state_ = false;
  std::vector<TagDescriptor> known_tags_;
  StatePrinter printer_;
  StandingTalk talk_;
  std::optional<Loop::TimerId> settle_;
  bool settled_ = false;                       // the first link is up for a moment
  std::map<std::string, ObserveEvent> early_;  // by canonical descriptor
  std::optional<Loop::TimerId> early_timer_;
  Wakeup wakeup_;
  ObserveContract contract_;
};

}  // namespace

int run_observe(const Options& options, const ObserveOptions& observe) {
  Session session(options, "mla observe");
  const Observe running(session, observe);
  return session.run();
}

}  // namespace mla::cli
