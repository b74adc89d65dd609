// A leaf of the main-job test. It exposes a tag with a capacity, or observes N objects of it, and keeps the figures
// itself, since so many states would be too much for the driver to read:
//   job_leaf expose  --up URL --name NAME --capacity N --period-ms MS
//   job_leaf observe --up URL --name NAME --first K --objects N
// Commands on standard input, a line each; each answers with one line of JSON:
//   report          what is held (expose), or per-writer shares, gaps and faults since the last reset (observe)
//   reset           starts counting anew (observe)
//   capacity N      (expose)
//   quit            also at the end of input
#include <mla/mla.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

const mla::TagDescriptor kTag = "job";

mla::ObjectDescriptor object(int number) {
  return {{kTag}, mla::Json(number)};
}

struct Options {
  std::string role, up, name = "leaf";
  int first = 0, objects = 400;
  std::uint32_t capacity = 1;
  std::chrono::milliseconds period{20};
};

/// Wakes the one thread that does everything. *thread-safe*
class Bell {
 public:
  void ring() {
    std::lock_guard lock(mutex_);
    rung_ = true;
    changed_.notify_one();
  }
  void command(std::string line) {
    std::lock_guard lock(mutex_);
    commands_.push_back(std::move(line));
    rung_ = true;
    changed_.notify_one();
  }
  std::vector<std::string> wait_until(Clock::time_point limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, limit, [this] { return rung_; });
    rung_ = false;
    return std::exchange(commands_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
  std::vector<std::string> commands_;
};

void print(const std::string& line) {
  std::cout << line << std::endl;
}

class Exposer {
 public:
  Exposer(mla::Exchange& exchange, const Options& options, Bell& bell)
      : options_(options),
        contract_(exchange.tag_expose_contract(kTag).with_capacity(options.capacity).build()) {
    contract_.on_ready([&bell] { bell.ring(); });
  }

  Clock::time_point due() const { return due_; }
  void work(Clock::time_point now) {
    while (auto event = contract_.try_next_event()) {
      const std::string& key = event->object->canonical();
      if (event->kind == mla::ExposeEventKind::elected) {
        sinks_.insert_or_assign(key, *event->sink);
        send(*event->sink);
      } else if (auto it = sinks_.find(key); it != sinks_.end() && it->second.end_reason() != mla::EndReason::none) {
        sinks_.erase(it);
      }
    }
    if (now < due_) return;
    due_ = std::max(now, due_ + options_.period);
    for (auto& [key, sink] : sinks_) send(sink);
  }
  void command(const std::string& line) {
    if (line.rfind("capacity ", 0) == 0)
      contract_.set_capacity(static_cast<std::uint32_t>(std::atoi(line.c_str() + 9)));
    print("{\"role\":\"expose\",\"held\":" + std::to_string(sinks_.size()) + ",\"sent\":" + std::to_string(sent_) + "}");
  }

 private:
  void send(mla::StateSink& sink) {
    sink.send(mla::State::text(options_.name));
    ++sent_;
  }
  const Options& options_;
  mla::ExposeContract contract_;
  std::map<std::string, mla::StateSink> sinks_;
  Clock::time_point due_{};
  std::uint64_t sent_ = 0;
};

class Observer {
 public:
  Observer(mla::Exchange& exchange, const Options& options, Bell& bell) {
    for (int n = options.first; n < options.first + options.objects; ++n) {
      contracts_.push_back(exchange.object_observe_contract(object(n)).build());
      contracts_.back().on_ready([&bell] { bell.ring(); });
    }
    seen_.resize(contracts_.size());
  }

  Clock::time_point due() const { return Clock::now() + std::chrono::seconds(1); }
  void work(Clock::time_point) {
    for (std::size_t i = 0; i < contracts_.size(); ++i)
      while (auto event = contracts_[i].try_next_event())
        if (event->kind == mla::ObserveEventKind::state) see(seen_[i], event->state);
  }
  void command(const std::string& line) {
    if (line == "reset") {
      const auto now = Clock::now();
      for (Seen& s : seen_) s.longest = {}, s.at = now;
      moves_ = skipped_ = faults_ = stale_ = states_ = 0;
    }
    std::map<std::string, int> shares;
    std::vector<double> gaps;
    int fresh = 0;
    for (const Seen& s : seen_) {
      ++shares[s.writer];
      fresh += s.synchronized;
      gaps.push_back(std::chrono::duration<double, std::milli>(s.longest).count());
    }
    std::sort(gaps.begin(), gaps.end());
    std::string text = "{\"role\":\"observe\",\"shares\":{";
    for (const auto& [writer, count] : shares)
      text += (text.back() == '{' ? "\"" : ",\"") + writer + "\":" + std::to_string(count);
    text += "},\"synchronized\":" + std::to_string(fresh) + ",\"states\":" + std::to_string(states_) +
            ",\"moves\":" + std::to_string(moves_) + ",\"skipped\":" + std::to_string(skipped_) +
            ",\"faults\":" + std::to_string(faults_) + ",\"stale\":" + std::to_string(stale_) + ",\"gaps_ms\":[";
    for (double gap : gaps) {
      char buffer[32];
      std::snprintf(buffer, sizeof buffer, "%s%.1f", text.back() == '[' ? "" : ",", gap);
      text += buffer;
    }
    print(text + "]}");
  }

 private:
  struct Seen {
    mla::Epoch epoch;
    mla::Version version;
    std::string writer;
    bool synchronized = false;
    Clock::time_point at{};
    Clock::duration longest{};
  };
  /// The longest time without a new version is kept for each object, and what must never happen is counted.
  void see(Seen& s, const mla::State& state) {
    const auto now = Clock::now();
    if (!state.synchronized()) ++stale_;
    s.synchronized = state.synchronized();
    const bool first = s.version.empty();
    if (!first && (state.version() < s.version || state.epoch() < s.epoch)) ++faults_;
    if (!first && state.version() > s.version) s.longest = std::max(s.longest, now - s.at);
    if (first || state.version() > s.version) {
      s.at = now;
      ++states_;
      if (!first) skipped_ += state.skipped();
    }
    if (!s.writer.empty() && s.writer != state.text()) ++moves_;
    s.epoch = state.epoch();
    s.version = state.version();
    s.writer = state.text();
  }
  std::vector<mla::ObserveContract> contracts_;
  std::vector<Seen> seen_;
  std::uint64_t moves_ = 0, skipped_ = 0, faults_ = 0, stale_ = 0, states_ = 0;
};

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  if (argc < 2) return std::nullopt;
  options.role = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string key = argv[i], value = argv[i + 1];
    if (key == "--up")
      options.up = value;
    else if (key == "--name")
      options.name = value;
    else if (key == "--first")
      options.first = std::atoi(value.c_str());
    else if (key == "--objects")
      options.objects = std::atoi(value.c_str());
    else if (key == "--capacity")
      options.capacity = static_cast<std::uint32_t>(std::atoi(value.c_str()));
    else if (key == "--period-ms")
      options.period = std::chrono::milliseconds(std::atoi(value.c_str()));
    else
      return std::nullopt;
  }
  if (argc % 2 != 0 || (options.role != "expose" && options.role != "observe")) return std::nullopt;
  return options;
}

template <class Role>
void run(const Options& options) {
  Bell bell;
  mla::Exchange exchange({.name = options.name});
  mla::WebsocketConnector up(exchange, options.up);
  Role role(exchange, options, bell);
  std::thread([&bell] {
    for (std::string line; std::getline(std::cin, line);) bell.command(line);
    bell.command("quit");
  }).detach();
  for (;;) {
    const auto commands = bell.wait_until(role.due());
    role.work(Clock::now());
    for (const std::string& line : commands) {
      // Without destructors: the thread on standard input still refers to the bell.
      if (line == "quit") std::_Exit(0);
      role.command(line);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (!options) {
    std::cerr << "usage: job_leaf expose|observe --up URL [--name NAME] [--capacity N] [--period-ms MS] [--first K] "
                 "[--objects N]\n";
    return 2;
  }
  options->role == "expose" ? run<Exposer>(*options) : run<Observer>(*options);
}
