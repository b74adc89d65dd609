#include <mla/exchange.h>

#include "contracts/quantity.h"
#include "tools/mla/session.h"
#include "tools/mla/state_printer.h"
#include "tools/mla/verbs.h"

namespace mla::cli {
namespace {

constexpr int kEventsAtATime = 256;  // then the loop looks at signals and timers

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
        printer_({.lines_of_json = session.options().form != OutputForm::human,
                  .only_changes = session.terminal().out,
                  .colour = session.terminal().colour,
                  .known_tags = known_tags(observe.target)}),
        wakeup_(session.loop(), [this] { take(); }),
        contract_(open(session.exchange(), observe)) {
    contract_.on_ready(wakeup_.hook());
    if (session.options().timeout)
      session.loop().after(*session.options().timeout, [this] { out_of_time(); });
  }
  ~Observe() { contract_.on_ready({}); }

 private:
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
    const auto printed = printer_.print(event, Terminal::width());
    if (printed.data) session_.out().line(*printed.data);
    if (printed.talk) session_.say(*printed.talk);
    if (!printed.is_state) return;
    got_state_ = true;
    if (left_) --*left_;
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
  StatePrinter printer_;
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
