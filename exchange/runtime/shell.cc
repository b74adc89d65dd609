#include "exchange/runtime/shell.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cassert>
#include <optional>
#include <utility>

#include "exchange/engine/workspace.h"
#include "exchange/runtime/manual_loop.h"
#include "exchange/transport/socket_poller.h"

namespace mla::runtime {

namespace {
constexpr std::size_t kKeptHeard = 64 << 10;  // room for what links say, kept from turn to turn
constexpr std::size_t kKeptActions = 256;     // the same for what a step answers
}

namespace {
/// What the engines of a loop share. A service of the loop: made with the first of them. *loop-confined*
class EngineRoom final : public boost::asio::execution_context::service {
 public:
  explicit EngineRoom(boost::asio::execution_context& loop) : service(loop) {}
  static boost::asio::execution_context::id id;
  const std::shared_ptr<engine::Workspace>& room() const { return room_; }

 private:
  void shutdown() override {}
  const std::shared_ptr<engine::Workspace> room_ = std::make_shared<engine::Workspace>();
};
boost::asio::execution_context::id EngineRoom::id;
}  // namespace

/// One link with what the shell knows about it. *loop-confined*
class Shell::Session : public transport::LinkHandler {
 public:
  Session(Shell& shell, LinkId id, std::unique_ptr<transport::Link> link, LinkOwner* owner)
      : shell_(shell), id_(id), link_(std::move(link)), owner_(owner) {}

  std::size_t on_messages(transport::Messages messages) override {
    return forgotten_ ? messages.size() : shell_.hear(id_, messages);
  }
  void on_writable(std::size_t bytes_free) override {
    if (!forgotten_) shell_.step(engine::LinkWritable{id_, bytes_free});
  }
  void on_closed(ErrorCode code, const std::string& detail) override {
    shell_.link_closed(*this, code, detail);
  }

  void note(ErrorCode code, const std::string& detail) {
    if (code_ != ErrorCode::ok || code == ErrorCode::ok) return;
    code_ = code;
    detail_ = detail;
  }
  void close(ErrorCode code, const std::string& detail) {
    forgotten_ = true;
    note(code, detail);
    if (code == ErrorCode::link_silent) return shell_.abandon(*this);
    link_->close(code, detail);
  }

  Shell& shell_;
  const LinkId id_;
  std::unique_ptr<transport::Link> link_;
  LinkOwner* owner_;
  bool forgotten_ = false;  // the engine does not know it any more
  ErrorCode code_ = ErrorCode::ok;
  std::string detail_;
};

Shell::Shell(boost::asio::io_context& loop, std::shared_ptr<ManualLoop> manual, engine::Config config,
             Notices& notices)
    : notices_(notices),
      room_(boost::asio::use_service<EngineRoom>(loop).room()),
      loop_(loop),
      is_manual_(manual != nullptr),
      manual_(manual),
      timer_(loop),
      patience_(loop) {
  engine_.emplace(std::move(config), static_cast<engine::Outlet*>(this), room_);
}

Shell::~Shell() = default;

bool Shell::submit(Command command) {
  std::unique_lock lock(mutex_);
  if (closed_) return false;
  inbox_.push_back(std::move(command));
  return schedule(lock);
}

bool Shell::submit(FetchSink fetch, When when) {
  std::unique_lock lock(mutex_);
  if (closed_) return false;
  to_fetch_.push_back(fetch.sink);
  any_to_fetch_.store(true, std::memory_order_release);
  if (when == When::next_step) return true;
  fetch_soon_ = true;
  return schedule(lock);
}

bool Shell::schedule(std::unique_lock<std::mutex>&) {
  if (std::exchange(scheduled_, true)) return true;
  boost::asio::post(loop_, [self = shared_from_this()] { self->drain(); });
  if (is_manual_)
    if (const auto manual = manual_.lock()) manual->nudge();
  return true;
}

/// For what the loop is to do. A loop without a thread is driven meanwhile.
void Shell::wait(std::shared_future<void> what) {
  const auto manual = is_manual_ ? manual_.lock() : nullptr;
  if (!manual) return what.wait();
  manual->until([&] { return what.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
}

void Shell::drain() {
  std::vector<Command> commands;
  {
    std::lock_guard lock(mutex_);
    commands.swap(inbox_);
    scheduled_ = false;
  }
  if (!commands.empty() || !deliver_fetched()) flush();
  for (Command& command : commands) {
    if (auto* task = std::get_if<Task>(&command))
      (*task)();
    else
      step(std::get<engine::Event>(command));
  }
}

/// A state that came while a step was under way does not need another: sends that find the gate closed again would cause
/// the next, and so on.
bool Shell::deliver_fetched() {
  std::vector<SinkId> sinks;
  {
    std::lock_guard lock(mutex_);
    if (!std::exchange(fetch_soon_, false)) return true;
    sinks = to_fetch_;
  }
  return std::all_of(sinks.begin(), sinks.end(), [this](SinkId sink) { return notices_.deliver(sink); });
}

/// Who asks the engine without a step must find in it what is there already.
void Shell::flush() {
  if (!engine_ || (heard_.empty() && !any_to_fetch_.load(std::memory_order_acquire))) return;
  notices_.begin_step();
  publish_fetched();
  run_after_heard({});
  notices_.end_step();
}

void Shell::step(const engine::Event& event) {
  step(std::span(&event, 1));
}

void Shell::step(std::span<const engine::Event> events) {
  if (!engine_) return;
  notices_.begin_step();
  publish_fetched();
  run_after_heard(events);
  notices_.end_step();
}

/// What several links say in one turn of the loop is one step, so that what follows from it leaves in one message a link. What
/// one link alone says is a step each, a turn apart, so that who keeps up sees every state; but what has piled up is one step,
/// which costs little more than one message does, and brings him to the newest.
std::size_t Shell::hear(LinkId link, transport::Messages messages) {
  constexpr std::size_t kMostHeard = 256 << 10, kFew = 2;
  const auto self = shared_from_this();
  const bool alone = links_.size() < 2, few = messages.size() <= kFew;
  if (alone && few && heard_.empty()) {
    step(engine::LinkFrames{link, messages.front()});
    return 1;
  }
  std::size_t size = 0;
  for (const auto message : messages) size += message.size();
  if ((alone && !few) || size > kMostHeard) {
    std::vector<engine::Event> events = std::exchange(heard_events_, {});
    for (const auto message : messages) events.emplace_back(engine::LinkFrames{link, message});
    step(events);
    keep(std::move(events));
    return messages.size();
  }
  if (heard_bytes_.size() + size > kMostHeard) flush();
  for (const auto message : messages) {
    heard_.push_back({link, heard_bytes_.size(), message.size()});
    heard_bytes_.insert(heard_bytes_.end(), message.begin(), message.end());
  }
  if (std::exchange(hearing_, true)) return messages.size();
  boost::asio::post(loop_, [self = shared_from_this()] {
    self->hearing_ = false;
    self->flush();
  });
  return messages.size();
}

/// What was heard before comes first.
void Shell::run_after_heard(std::span<const engine::Event> then) {
  if (heard_.empty()) {
    if (!then.empty()) run(then);
    return;
  }
  // Taken out: what is told on the way may lead back here.
  std::vector<std::byte> bytes = std::exchange(heard_bytes_, {});
  std::vector<engine::Event> events = std::exchange(heard_events_, {});
  for (const Heard& h : heard_) events.emplace_back(engine::LinkFrames{h.link, std::span(bytes).subspan(h.offset, h.size)});
  heard_.clear();
  events.insert(events.end(), then.begin(), then.end());
  run(events);
  keep(std::move(events));
  bytes.clear();
  if (bytes.capacity() <= kKeptHeard && heard_bytes_.empty()) heard_bytes_ = std::move(bytes);
}

/// Their room, for the next.
void Shell::keep(std::vector<engine::Event> events) {
  constexpr std::size_t kMostKept = 256;
  events.clear();
  if (events.capacity() <= kMostKept) heard_events_ = std::move(events);
}

/// Before any other event: what local observers have had straight from a sink, the engine must know of before it
/// decides anything. All at once, so that what many sinks sent together travels together.
void Shell::publish_fetched() {
  if (!any_to_fetch_.load(std::memory_order_acquire)) return;
  {
    std::lock_guard lock(mutex_);
    fetching_.swap(to_fetch_);
    any_to_fetch_ = false;
    fetch_soon_ = false;
  }
  for (const SinkId sink : fetching_)
    if (auto publish = notices_.fetch(sink)) publishing_.emplace_back(*std::move(publish));
  fetching_.clear();
  if (!publishing_.empty()) run(publishing_);
  publishing_.clear();
}

void Shell::run(std::span<const engine::Event> events) {
  const Instant at = now();
  engine::Actions actions = std::exchange(room_->actions, {});  // carrying one out may lead to the next step
  engine_->step(at, events, actions);
  carry_out(actions, at);
  actions.clear();
  if (actions.capacity() <= kKeptActions) room_->actions = std::move(actions);
  set_timer();
}

void Shell::send(std::span<Leaving> messages) {
  std::optional<transport::SendBatch::Gather> gather;
  if (messages.size() >= transport::SendBatch::kFew) gather.emplace(transport::SocketPoller::of(loop_.get_executor()).batch());
  for (Leaving& leaving : messages) {
    const auto* const entry = links_.entry(leaving.link);
    if (!entry) continue;
    const Linked& linked = entry->second;
    // Mostly the next one in order follows.
    if (const auto* const next = links_.after(*entry, 1)) fetch_early(next->second);
    linked.link->send(std::move(leaving.message), leaving.more);
  }
}

void Shell::fetch_early(const Linked& linked) {
  __builtin_prefetch(linked.link);
  __builtin_prefetch(linked.place);
  __builtin_prefetch(static_cast<const std::byte*>(linked.place) + kCacheLine);
}

void Shell::carry_out(engine::Actions& actions, Instant at) {
  for (engine::Action& action : actions) {
    if (auto* close = std::get_if<engine::CloseLink>(&action)) {
      if (const auto* linked = links_.find(close->link)) std::shared_ptr(linked->session)->close(close->code, close->detail);
    } else if (auto* ready = std::get_if<engine::LinkReady>(&action)) {
      const auto* linked = links_.find(ready->link);
      if (linked && linked->session->owner_) linked->session->owner_->on_link_ready();
      notices_.on_notice(at, action);
    } else if (auto* lost = std::get_if<engine::LinkLost>(&action)) {
      if (const auto* linked = links_.find(lost->link)) linked->session->note(lost->code, {});
      notices_.on_notice(at, action);
    } else {
      notices_.on_notice(at, action);
    }
  }
}

void Shell::set_timer() {
  std::optional<Instant> next = engine_->next_deadline();
  if (!calls_.empty() && (!next || calls_.begin()->first < *next)) next = calls_.begin()->first;
  if (next == timer_at_) return;
  timer_at_ = next;
  if (!next) {
    timer_->cancel();
    return;
  }
  timer_->expires_at(*next);
  timer_->async_wait([weak = weak_from_this(), at = *next](const boost::system::error_code& error) {
    auto self = weak.lock();
    if (error || !self || self->timer_at_ != at) return;
    self->timer_at_.reset();
    self->on_timer();
  });
}

void Shell::on_timer() {
  flush();
  while (!calls_.empty() && calls_.begin()->first <= now()) {
    Task task = std::move(calls_.extract(calls_.begin()).mapped());
    task();
  }
  step(engine::DeadlineReached{});
}

void Shell::call_at(Instant when, Task task) {
  if (!engine_) return;
  calls_.emplace(when, std::move(task));
  set_timer();
}

engine::EngineInfo Shell::info() const {
  return engine_ ? engine_->info() : engine::EngineInfo{};
}

LinkId Shell::add_link(std::unique_ptr<transport::Link> link, engine::LinkRole role,
                       std::optional<std::chrono::milliseconds> heartbeat, std::string credentials,
                       LinkOwner* owner) {
  const LinkId id{++last_link_};
  auto session = std::make_shared<Session>(*this, id, std::move(link), owner);
  links_.set(id, {session, session->link_.get(), session->link_->place()});
  // No room is known until the transport says so; start() makes it say so first.
  step(engine::LinkUp{id, role, 0, heartbeat, std::move(credentials)});
  session->link_->start(*session);
  return id;
}

void Shell::drop_link(LinkId link, ErrorCode code, const std::string& detail) {
  const auto* found = links_.find(link);
  if (!found) return;
  auto session = found->session;
  session->owner_ = nullptr;
  if (!session->forgotten_) {
    session->forgotten_ = true;
    step(engine::LinkDown{link});
    session->link_->close(code, detail);
  }
}

void Shell::disown_link(LinkId link) {
  if (const auto* linked = links_.find(link)) linked->session->owner_ = nullptr;
}

std::string Shell::peer(LinkId link) const {
  const auto* linked = links_.find(link);
  return linked ? linked->link->peer() : std::string();
}

/// Who is silent hears no farewell; waiting for it to leave would only hold up the next dial.
void Shell::abandon(const Session& session) {
  boost::asio::post(loop_, [weak = weak_from_this(), id = session.id_] {
    const auto self = weak.lock();
    if (!self) return;
    if (const auto* found = self->links_.find(id)) {
      const auto silent = found->session;
      self->link_closed(*silent, silent->code_, silent->detail_);
    }
  });
}

void Shell::link_closed(Session& session, ErrorCode code, const std::string& detail) {
  const auto* found = links_.find(session.id_);
  if (!found || found->session.get() != &session) return;
  const std::shared_ptr<Session> keep = links_.take(session.id_).session;
  keep->note(code, detail);
  if (!std::exchange(keep->forgotten_, true)) step(engine::LinkDown{keep->id_});
  if (LinkOwner* owner = std::exchange(keep->owner_, nullptr))
    owner->on_link_gone(keep->code_, keep->detail_);
  // The link is calling us: it goes when it has returned.
  boost::asio::post(loop_, [keep] {});
  check_closed();
}

void Shell::close(Task last, std::chrono::milliseconds patience) {
  submit(Task([this, last = std::move(last), patience] {
    if (std::exchange(closing_, true)) return;
    if (last) last();
    step(engine::Shutdown{});
    patience_->expires_after(patience);
    patience_->async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      if (auto self = weak.lock(); self && !error) self->finish();
    });
    check_closed();
  }));
  wait(finished_future_);
}

void Shell::check_closed() {
  if (closing_ && links_.empty()) finish();
}

void Shell::finish() {
  std::vector<Command> left;
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) return;
    left.swap(inbox_);
  }
  // Whoever asks for an answer still gets one.
  for (Command& command : left)
    if (auto* task = std::get_if<Task>(&command)) (*task)();
  auto links = std::exchange(links_, {});
  for (auto& [id, linked] : links)
    if (LinkOwner* owner = std::exchange(linked.session->owner_, nullptr))
      owner->on_link_gone(ErrorCode::closed, {});
  links = {};
  timer_->cancel();
  timer_at_.reset();
  patience_->cancel();
  // Not before the handlers that are queued now have run: nobody may touch the loop's objects after close()
  // has returned.
  boost::asio::post(loop_, [self = shared_from_this()] {
    // Handles may outlive the loop. They keep the shell, but nothing of the loop's and no engine.
    self->engine_.reset();
    self->timer_.reset();
    self->patience_.reset();
    self->finished_.set_value();
  });
}

}  // namespace mla::runtime
