#include <mla/exchange.h>

#include <functional>
#include <utility>
#include <vector>

#include "tools/mla/lines.h"
#include "tools/mla/producer.h"
#include "tools/mla/session.h"
#include "tools/mla/verbs.h"

namespace mla::cli {
namespace {

constexpr std::chrono::milliseconds kSettle{50};  // after which the loss of a link is known surely
constexpr int kEventsAtATime = 256;               // then the loop looks at signals and timers

ExposeContract open(const Exchange& exchange, const ExposeOptions& expose) {
  auto builder = std::holds_alternative<ObjectDescriptor>(expose.target)
                     ? exchange.object_expose_contract(std::get<ObjectDescriptor>(expose.target))
                     : exchange.tag_expose_contract(std::get<TagDescriptor>(expose.target));
  builder.with_capacity(expose.capacity).with_priority(expose.priority);
  if (expose.limit) builder.with_limit(*expose.limit);
  if (expose.confirm) builder.with_confirmation();
  return builder.build();
}

std::string show_target(const Target& target) {
  if (const auto* object = std::get_if<ObjectDescriptor>(&target)) return show_object(*object);
  return "objects tagged " + show_value(std::get<TagDescriptor>(target).json);
}

std::unique_ptr<Producer> make_producer(Session& session, const ExposeOptions& expose) {
  if (const auto* command = std::get_if<FromCommand>(&expose.source))
    return make_command_producer(session, *command, expose.raw);
  return make_held_producer(session, expose.source, expose.raw);
}

/// *loop-confined*
class Expose {
 public:
  Expose(Session& session, const ExposeOptions& expose)
      : session_(session),
        lines_(session.options().form != OutputForm::human),
        producer_(make_producer(session, expose)),
        wakeup_(session.loop(), [this] { take(); }),
        contract_(open(session.exchange(), expose)) {
    contract_.on_ready(wakeup_.hook());
    session.when_linked([this, what = show_target(expose.target)] {
      session_.remark("offering " + what + " at " + session_.options().url +
                      ", produced while somebody observes");
      session_.when_linked({});
    });
  }
  ~Expose() {
    contract_.on_ready({});
    session_.when_linked({});
    if (settle_) session_.loop().cancel(*settle_);
  }
  Expose(const Expose&) = delete;
  Expose& operator=(const Expose&) = delete;

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
      handle(*event);
    }
    session_.flush();
    wakeup_.hook()();
  }

  void handle(const ExposeEvent& event) {
    const ObjectDescriptor& object = *event.object;
    if (event.kind == ExposeEventKind::elected) {
      if (lines_)
        session_.out().line(elected_line(object, event.sink->epoch()));
      else
        remark(show_object(object) + " is observed: elected");
      producer_->elected(*event.sink);
    } else if (event.kind == ExposeEventKind::confirmed) {
      if (lines_)
        session_.out().line(confirmed_line(object, event.version, event.observers));
      else
        remark(show_object(object) + " " + to_string(event.version) + " is held by " +
               std::to_string(event.observers) + (event.observers == 1 ? " observer" : " observers"));
    } else {
      if (lines_)
        session_.out().line(withdrawn_line(object, event.reason));
      else
        remark_withdrawn(show_object(object), event.reason);
      producer_->withdrawn(object);
    }
  }

  /// In order, behind what waits.
  void remark(std::string text) {
    if (!settle_) return session_.remark(text);
    remarks_.push_back([text = std::move(text)] { return text; });
  }

  /// Without a link nobody here observes; why is known a moment later than that.
  void remark_withdrawn(const std::string& object, EndReason reason) {
    if (reason != EndReason::unobserved)
      return remark(object + " is withdrawn: " + std::string(to_string(reason)));
    remarks_.push_back([this, object] {
      const bool linked = session_.connector().status().status == LinkStatus::linked;
      return object + " is withdrawn: " + (linked ? "unobserved" : "the link is lost");
    });
    if (!settle_)
      settle_ = session_.loop().after(kSettle, [this] {
        settle_.reset();
        for (const auto& text : std::exchange(remarks_, {})) session_.remark(text());
      });
  }

  Session& session_;
  const bool lines_;
  std::unique_ptr<Producer> producer_;
  std::vector<std::function<std::string()>> remarks_;  // not made yet
  std::optional<Loop::TimerId> settle_;
  Wakeup wakeup_;
  ExposeContract contract_;
};

}  // namespace

int run_expose(const Options& options, const ExposeOptions& expose) {
  Session session(options, "mla expose");
  const Expose running(session, expose);
  return session.run();
}

}  // namespace mla::cli
