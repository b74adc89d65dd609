#include <deque>
#include <list>

#include "tools/mla/producer.h"
#include "tools/mla/running_command.h"

namespace mla::cli {
namespace {

constexpr std::size_t kOutputLimit = 64 << 20;  // no limit of an exchange can be above this
constexpr std::chrono::seconds kRetryAfter{1};

std::vector<std::string> environment_of(const ObjectDescriptor& object) {
  std::string tags;
  for (const auto& tag : object.tags()) tags += (tags.empty() ? "" : ",") + tag.json.text();
  return {"MLA_OBJECT=" + object.json().text(), "MLA_TAGS=[" + tags + "]"};
}

/// Runs the command for each object that is elected here, a few at a time. *loop-confined*
class CommandProducer : public Producer {
 public:
  CommandProducer(Session& session, FromCommand from, bool raw)
      : session_(session), from_(std::move(from)), raw_(raw) {}
  ~CommandProducer() override {
    for (auto& [key, job] : jobs_)
      if (job.timer) session_.loop().cancel(*job.timer);
    // All are asked to end before any is waited for.
    for (auto& run : running_) run.command->terminate();
  }

  void elected(const StateSink& sink) override {
    withdrawn(sink.object());
    const std::string key = sink.object().canonical();
    jobs_.emplace(key, Job{sink, {}});
    waiting_.push_back(key);
    start_waiting();
  }

  void withdrawn(const ObjectDescriptor& object) override { drop(object.canonical()); }

 private:
  struct Job {
    StateSink sink;
    std::optional<Loop::TimerId> timer;  // of the next run
  };
  struct Run {
    std::string key;  // empty: its object was withdrawn, nobody wants the outcome
    Loop::Clock::time_point began;
    std::unique_ptr<RunningCommand> command;
  };

  void drop(const std::string& key) {
    const auto job = jobs_.find(key);
    if (job == jobs_.end()) return;
    if (job->second.timer) session_.loop().cancel(*job->second.timer);
    jobs_.erase(job);
    std::erase(waiting_, key);
    for (auto& run : running_) {
      if (run.key != key) continue;
      run.key.clear();
      run.command->terminate();
    }
  }

  void start_waiting() {
    while (running_.size() < from_.jobs && !waiting_.empty()) {
      const std::string key = std::move(waiting_.front());
      waiting_.pop_front();
      start(key);
    }
  }

  void start(const std::string& key) {
    Job& job = jobs_.at(key);
    const auto run = running_.insert(running_.end(), Run{key, Loop::Clock::now(), nullptr});
    try {
      run->command = std::make_unique<RunningCommand>(
          session_.loop(), from_.command, environment_of(job.sink.object()), kOutputLimit,
          [this, run](CommandResult result) { done(run, std::move(result)); });
    } catch (const std::system_error& error) {
      running_.erase(run);
      give_back(key, error.what());
    }
  }

  void done(std::list<Run>::iterator run, CommandResult result) {
    const std::string key = std::move(run->key);
    const auto began = run->began;
    running_.erase(run);
    if (!key.empty()) {
      if (result.failure)
        give_back(key, *result.failure);
      else
        publish(key, result.output, began);
    }
    start_waiting();
  }

  void publish(const std::string& key, std::string_view output, Loop::Clock::time_point began) {
    Job& job = jobs_.at(key);
    auto made = make_state(output, raw_);
    if (std::holds_alternative<UsageError>(
            made)) {  // text it is, without the line end that every command writes
      if (output.ends_with('\n')) output.remove_suffix(1);
      made = make_state(output, true);
    }
    send(session_, job.sink, std::get<State>(std::move(made)));
    if (!from_.every) return;
    job.timer = session_.loop().at(began + *from_.every, [this, key] {
      jobs_.at(key).timer.reset();
      waiting_.push_back(key);
      start_waiting();
    });
  }

  void give_back(const std::string& key, const std::string& why) {
    StateSink sink = jobs_.at(key).sink;
    session_.remark(show_object(sink.object()) + ": " + why);
    drop(key);
    sink.decline(why, kRetryAfter);
  }

  Session& session_;
  const FromCommand from_;
  const bool raw_;
  std::map<std::string, Job> jobs_;  // by canonical descriptor
  std::deque<std::string> waiting_;
  std::list<Run> running_;
};

}  // namespace

std::unique_ptr<Producer> make_command_producer(Session& session, const FromCommand& from, bool raw) {
  return std::make_unique<CommandProducer>(session, from, raw);
}

}  // namespace mla::cli
