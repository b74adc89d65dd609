#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "contracts/quantity.h"
#include "tools/mla/producer.h"

namespace mla::cli {
namespace {

constexpr std::size_t kLargestState = 64 << 20;  // no limit of an exchange can be above this

/// One current state, given to whoever is elected. *loop-confined*
class HeldProducer : public Producer {
 public:
  HeldProducer(Session& session, bool raw) : session_(session), raw_(raw) {}

  void elected(const StateSink& sink) override {
    sinks_.insert_or_assign(sink.object().canonical(), sink);
    if (state_ && send(session_, sink, *state_)) taken();
  }
  void withdrawn(const ObjectDescriptor& object) override {
    sinks_.erase(object.canonical());
    on_withdrawn();
  }

  /// The new current state; what is wrong with it, if it cannot be one.
  std::optional<std::string> set(std::string_view text) {
    auto made = make_state(text, raw_);
    if (auto* error = std::get_if<UsageError>(&made)) return error->message;
    state_ = std::get<State>(std::move(made));
    taken_ = false;
    for (const auto& [object, sink] : sinks_) taken_ |= send(session_, sink, *state_);
    return {};
  }

 protected:
  /// Whether there is nothing that nobody was given.
  bool all_taken() const { return !state_ || taken_; }
  bool has_state() const { return state_.has_value(); }
  virtual void on_taken() {}
  virtual void on_withdrawn() {}

  Session& session_;
  const bool raw_;

 private:
  void taken() {
    taken_ = true;
    on_taken();
  }

  std::optional<State> state_;
  bool taken_ = false;  // somebody who observes was given it
  std::map<std::string, StateSink> sinks_;
};

/// Standard input, a line a state. *loop-confined*
class StdinProducer : public HeldProducer {
 public:
  StdinProducer(Session& session, bool raw, bool end_with_input)
      : HeldProducer(session, raw), end_with_input_(end_with_input) {
    session.loop().watch(STDIN_FILENO, POLLIN, [this](short) { read(); });
  }
  ~StdinProducer() override { session_.loop().unwatch(STDIN_FILENO); }

 private:
  static constexpr std::chrono::milliseconds kLinger{200};

  void read() {
    char buffer[65536];
    const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (n <= 0) return end_of_input();
    std::string_view rest(buffer, static_cast<std::size_t>(n));
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      add(rest.substr(0, end));
      take_line();
      rest.remove_prefix(end + 1);
    }
    add(rest);
  }

  void add(std::string_view piece) {
    too_long_ = too_long_ || line_.size() + piece.size() > kLargestState;
    if (!too_long_) line_ += piece;
  }

  void take_line() {
    ++number_;
    if (too_long_) {
      complain("longer than any state may be");
    } else if (raw_ || line_.find_first_not_of(" \t\r") != line_.npos) {
      if (const auto error = set(line_)) complain(*error);
    }
    line_.clear();
    too_long_ = false;
  }

  void complain(const std::string& what) {
    session_.say("line " + std::to_string(number_) + " left out: " + what);
    left_out_ = true;
  }

  void end_of_input() {
    session_.loop().unwatch(STDIN_FILENO);
    if (!line_.empty() || too_long_) take_line();
    if (!end_with_input_) return session_.remark("end of input; its last state stays exposed");
    if (all_taken()) return end_soon();
    // Whoever observes may only just be on its way.
    waits_ = true;
    session_.remark("end of input; waiting until its last state is taken");
    if (const auto limit = session_.options().timeout)
      session_.loop().after(*limit, [this, limit] {
        session_.end(ExitCode::timed_out, "nobody took the last state in " + format_duration(*limit));
      });
  }

  void on_taken() override {
    if (waits_) end_soon();
  }
  void on_withdrawn() override {
    if (lingers_) end();
  }

  /// A state whose exposer is gone is no fresh one to whoever asked for it only now: it is there for a moment
  /// more, or until nobody observes any longer.
  void end_soon() {
    if (!has_state()) return end();
    lingers_ = true;
    session_.loop().after(kLinger, [this] { end(); });
  }

  /// What was sent still leaves: the session closes its exchange in good order.
  void end() { session_.end(left_out_ ? ExitCode::failed : ExitCode::ok); }

  const bool end_with_input_;
  std::string line_;
  std::uint64_t number_ = 0;
  bool too_long_ = false, left_out_ = false, waits_ = false, lingers_ = false;
};

/// A file's content. Watches its folder, so that a file put in its place by rename is noticed too.
/// *loop-confined*
class FileProducer : public HeldProducer {
 public:
  FileProducer(Session& session, bool raw, const std::string& path)
      : HeldProducer(session, raw), path_(path) {
    namespace fs = std::filesystem;
    const fs::path file(path);
    name_ = file.filename().string();
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    inotify_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    // Watched before it is first read: no change falls in between.
    if (inotify_ < 0 ||
        ::inotify_add_watch(inotify_, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_MODIFY) < 0)
      fail("cannot watch " + folder.string() + ": " + std::strerror(errno));
    if (const auto error = load()) fail(*error);
    session.loop().watch(inotify_, POLLIN, [this](short) { changed(); });
  }
  ~FileProducer() override {
    if (settle_) session_.loop().cancel(*settle_);
    session_.loop().unwatch(inotify_);
    ::close(inotify_);
  }

 private:
  static constexpr std::chrono::milliseconds kSettle{50};  // somebody writes: not to read half of it

  [[noreturn]] void fail(const std::string& why) {
    if (inotify_ >= 0) ::close(inotify_);
    throw Failed(ExitCode::failed, why);
  }

  std::optional<std::string> load() {
    const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return path_ + ": " + std::strerror(errno);
    std::string text;
    char buffer[65536];
    ssize_t n = 0;
    while (text.size() <= kLargestState && (n = ::read(fd, buffer, sizeof buffer)) > 0)
      text.append(buffer, static_cast<std::size_t>(n));
    const int error = errno;
    ::close(fd);
    if (n < 0) return path_ + ": " + std::strerror(error);
    if (text.size() > kLargestState) return path_ + ": larger than any state may be";
    if (const auto wrong = set(text)) return path_ + ": " + *wrong;
    return {};
  }

  void changed() {
    alignas(inotify_event) char buffer[4096];
    bool ours = false, complete = false;
    for (ssize_t n; (n = ::read(inotify_, buffer, sizeof buffer)) > 0;) {
      for (const char* at = buffer; at < buffer + n;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        at += sizeof(inotify_event) + event->len;
        if ((event->mask & IN_Q_OVERFLOW) == 0 && (event->len == 0 || name_ != event->name)) continue;
        ours = true;
        complete |= (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0;
      }
    }
    if (!ours) return;
    if (settle_) session_.loop().cancel(*settle_);
    settle_.reset();
    if (complete) return reload();
    settle_ = session_.loop().after(kSettle, [this] {
      settle_.reset();
      reload();
    });
  }

  void reload() {
    if (const auto error = load()) session_.say(*error + "; the former content stays exposed");
  }

  std::string path_, name_;
  int inotify_ = -1;
  std::optional<Loop::TimerId> settle_;
};

}  // namespace

std::unique_ptr<Producer> make_held_producer(Session& session, const Source& source, bool raw) {
  if (const auto* file = std::get_if<FromFile>(&source))
    return std::make_unique<FileProducer>(session, raw, file->path);
  if (const auto* input = std::get_if<FromStdin>(&source))
    return std::make_unique<StdinProducer>(session, raw, input->end_with_input);
  auto held = std::make_unique<HeldProducer>(session, raw);
  if (const auto error = held->set(std::get<FromValue>(source).text))
    throw Failed(ExitCode::usage, "--value: " + *error);
  return held;
}

}  // namespace mla::cli
