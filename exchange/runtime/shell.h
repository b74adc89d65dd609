#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "contracts/ids.h"
#include "contracts/link_table.h"
#include "contracts/prefetch.h"
#include "exchange/engine/engine.h"
#include "exchange/transport/link.h"

namespace mla::engine {
struct Workspace;
}

namespace mla::runtime {

class ManualLoop;

/// Whoever hears what the engine has to tell its users. Called on the loop; must not call into the shell but
/// by submit().
class Notices {
 public:
  virtual ~Notices() = default;
  virtual void on_notice(Instant now, engine::Action& notice) = 0;
  /// The state that a sink has pending, if it still has one.
  virtual std::optional<engine::Publish> fetch(SinkId sink) = 0;
  /// Gives the state that a sink has pending to those who need it, if the engine may hear of it later. No step is
  /// under way.
  virtual bool deliver(SinkId sink) { return static_cast<void>(sink), false; }
  /// Around each step: nothing may go past the engine between the two. What went before is fetched first.
  virtual void begin_step() {}
  virtual void end_step() {}
};

/// Whoever cares for one link. Called on the loop.
class LinkOwner {
 public:
  virtual ~LinkOwner() = default;
  virtual void on_link_ready() = 0;
  /// Once, last. The first reason that was given on either side.
  virtual void on_link_gone(ErrorCode code, const std::string& detail) = 0;
};

/// Carries an engine: feeds it what happens, carries out what it answers, keeps its one timer. Knows links
/// only as transport::Link, and users only as Notices. submit() and close() are thread-safe; everything else
/// is loop-confined.
class alignas(kCacheLine) Shell final : public std::enable_shared_from_this<Shell>, private engine::Outlet {
 public:
  struct FetchSink {
    SinkId sink;
  };
  using Task = std::function<void()>;
  using Command = std::variant<Task, engine::Event>;

  /// `notices` lives until close() has returned. `manual`: whose loop it is, if that has no thread of its own.
  Shell(boost::asio::io_context& loop, std::shared_ptr<ManualLoop> manual, engine::Config config,
        Notices& notices);
  ~Shell();

  /// To be done on the loop, in order. False, and nothing happens, after close().
  bool submit(Command command);
  enum class When : std::uint8_t { soon, next_step };
  /// The sink has a state. It is published before anything else is done, soon or whenever that is.
  bool submit(FetchSink fetch, When when = When::soon);
  /// Runs `f` on the loop and gives what it returns; nothing after close(). Not on the loop itself.
  template <class F>
  auto ask(F f) -> std::optional<decltype(f())>;
  /// Lets what was submitted run, then `last`, then shuts the engine down: links get `patience` to let go of
  /// what is queued. Returns when nothing of the shell is left on the loop. Not on the loop itself; a second
  /// call waits for the first.
  void close(Task last, std::chrono::milliseconds patience);

  // ---- on the loop
  boost::asio::io_context& loop() { return loop_; }
  static Instant now() { return std::chrono::steady_clock::now(); }
  bool closing() const { return closing_; }
  void step(const engine::Event& event);
  void step(std::span<const engine::Event> events);
  /// Takes a link over, starts it, and tells the engine. `owner` may be none; it hears nothing after
  /// drop_link().
  LinkId add_link(std::unique_ptr<transport::Link> link, engine::LinkRole role,
                  std::optional<std::chrono::milliseconds> heartbeat, std::string credentials,
                  LinkOwner* owner);
  /// `task` runs at `when`, or a little later, unless the shell is closed before.
  void call_at(Instant when, Task task);
  void drop_link(LinkId link, ErrorCode code, const std::string& detail);
  void disown_link(LinkId link);  ///< its owner hears nothing any more
  std::size_t links() const { return links_.size(); }
  std::string peer(LinkId link) const;
  engine::EngineInfo info() const;
  const engine::Engine* engine() const { return engine_ ? &*engine_ : nullptr; }

 private:
  class Session;
  bool schedule(std::unique_lock<std::mutex>& lock);
  void drain();
  void flush();
  bool deliver_fetched();
  void publish_fetched();
  std::size_t hear(LinkId link, transport::Messages messages);  ///< how many it took
  void run_after_heard(std::span<const engine::Event> then);
  void keep(std::vector<engine::Event> events);
  void run(std::span<const engine::Event> events);
  void send(std::span<Leaving> messages) override;
  void carry_out(engine::Actions& actions, Instant now);
  void set_timer();
  void on_timer();
  void abandon(const Session& session);
  void link_closed(Session& session, ErrorCode code, const std::string& detail);
  void check_closed();
  void finish();

  void wait(std::shared_future<void> what);

  // What every message has to do with comes first, in few lines: of a thousand exchanges none is in the processor's near caches.
  Notices& notices_;
  const std::shared_ptr<engine::Workspace> room_;  // of all engines of the loop
  std::optional<engine::Engine> engine_;  // this and the timers go when close() is through: handles that outlive the exchange
                                          // keep the shell, but neither memory nor the loop
  std::optional<Instant> timer_at_;
  std::multimap<Instant, Task> calls_;
  struct Heard {
    LinkId link;
    std::size_t offset, size;  // in heard_bytes_
  };
  struct Linked {
    std::shared_ptr<Session> session;
    transport::Link* link;  // its, once more: every message passes here
    const void* place;      // the link's
  };
  static void fetch_early(const Linked& linked);
  std::vector<Heard> heard_;  // in this turn of the loop, and not told to the engine yet
  std::atomic<bool> any_to_fetch_{false};
  LinkTable<Linked> links_;
  boost::asio::io_context& loop_;
  const bool is_manual_;
  const std::weak_ptr<ManualLoop> manual_;
  bool hearing_ = false;  // the end of the turn is posted
  bool closing_ = false;
  std::uint32_t last_link_ = 0;
  std::vector<std::byte> heard_bytes_;
  std::vector<engine::Event> heard_events_;  // room for what is heard together
  std::optional<boost::asio::steady_timer> timer_, patience_;

  std::mutex mutex_;
  std::vector<Command> inbox_;  // guarded by mutex_
  std::vector<SinkId> to_fetch_;  // guarded by mutex_
  bool fetch_soon_ = false;       // guarded by mutex_: some of them are not with their observers yet
  std::vector<SinkId> fetching_;           // of publish_fetched, as the next
  std::vector<engine::Event> publishing_;
  bool scheduled_ = false;      // guarded by mutex_
  bool closed_ = false;         // guarded by mutex_
  std::promise<void> finished_;
  std::shared_future<void> finished_future_{finished_.get_future().share()};
};

template <class F>
auto Shell::ask(F f) -> std::optional<decltype(f())> {
  using T = decltype(f());
  struct Answer {
    std::optional<T> value;
    std::promise<void> given;
  };
  auto answer = std::make_shared<Answer>();
  std::shared_future<void> given = answer->given.get_future().share();
  if (!submit(Task([answer, f = std::move(f)]() mutable {
        answer->value.emplace(f());
        answer->given.set_value();
      })))
    return std::nullopt;
  wait(std::move(given));
  return std::move(answer->value);
}

}  // namespace mla::runtime
