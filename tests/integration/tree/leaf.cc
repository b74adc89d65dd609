// A leaf of the tree test: many objects in one process, over the public interface only. It exposes or
// observes N objects and prints what happens as JSON lines, so that the driver can judge. Half of the objects
// (the even ones) are observed one by one and exposed by tag, the other half exposed one by one and observed
// by tag: all four contracts are at work.
//
// Commands come on standard input, a word a line: `hold` (an exposer stops updating and prints the last state
// of each of its objects), `quit`. End of input is quit.
#include <mla/mla.h>

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

struct Options {
  std::string role;             // expose | observe
  std::vector<std::string> up;  // URLs of parents, tried in turn; empty: none
  std::string listen;           // URL to be a parent at; empty: none
  std::string name = "leaf";    // stands in each state: who wrote it
  int objects = 200;
  std::chrono::milliseconds period{200};
  std::int32_t priority = 0;
};

/// One wake-up for everything that may have happened. *thread-safe*
class Bell {
 public:
  void ring() {
    std::lock_guard lock(mutex_);
    rung_ = true;
    changed_.notify_one();
  }
  void wait_until(Clock::time_point limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, limit, [this] { return rung_; });
    rung_ = false;
  }
  void command(std::string word) {
    std::lock_guard lock(mutex_);
    commands_.push_back(std::move(word));
    rung_ = true;
    changed_.notify_one();
  }
  std::vector<std::string> take_commands() {
    std::lock_guard lock(mutex_);
    return std::exchange(commands_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
  std::vector<std::string> commands_;
};

std::string object_name(int number) {
  return "n" + std::to_string(number);
}
mla::TagDescriptor by_object_tag() {
  return "even";
}
mla::TagDescriptor by_tag_tag() {
  return "odd";
}
mla::ObjectDescriptor object(int number) {
  return {{number % 2 == 0 ? by_object_tag() : by_tag_tag()}, mla::Json(object_name(number))};
}

void print(const std::string& line) {
  std::cout << line << std::endl;
}

std::string head(const char* event, const mla::ObjectDescriptor& object) {
  return std::string("{\"event\":\"") + event + "\",\"object\":" + object.json().text();
}
std::string stamp(const mla::Epoch& epoch, const mla::Version& version) {
  return ",\"epoch\":[" + std::to_string(epoch.counter) + ",\"" + to_string(epoch.minter) +
         "\"],\"version\":" + to_string(version);
}

class Exposer {
 public:
  Exposer(mla::Exchange& exchange, const Options& options, Bell& bell) : options_(options) {
    auto add = [&](mla::ExposeContractBuilder builder) {
      contracts_.push_back(builder.with_priority(options.priority).build());
      contracts_.back().on_ready([&bell] { bell.ring(); });
    };
    add(exchange.tag_expose_contract(by_object_tag()));
    for (int n = 1; n < options.objects; n += 2) add(exchange.object_expose_contract(object(n)));
  }

  void take_events() {
    for (auto& contract : contracts_)
      while (auto event = contract.try_next_event()) {
        const bool elected = event->kind == mla::ExposeEventKind::elected;
        print(head(elected ? "elected" : "withdrawn", *event->object) + ",\"reason\":\"" +
              std::string(to_string(event->reason)) + "\"}");
        if (elected) {
          auto [place, added] = sinks_.insert_or_assign(event->object->canonical(), *event->sink);
          send(place->second);
        } else if (auto place = sinks_.find(event->object->canonical());
                   place != sinks_.end() && place->second.end_reason() != mla::EndReason::none) {
          sinks_.erase(place);
        }
      }
  }

  void update_when_due(Clock::time_point now) {
    if (holding_ || now < due_) return;
    due_ = now + options_.period;
    ++tick_;
    for (auto& [name, sink] : sinks_) send(sink);
  }
  Clock::time_point due() const { return holding_ ? Clock::now() + std::chrono::seconds(1) : due_; }

  void hold() {
    holding_ = true;
    for (auto& [name, sink] : sinks_)
      if (sink.end_reason() == mla::EndReason::none)
        if (auto state = sink.current())
          print(head("held", sink.object()) + stamp(state->epoch(), state->version()) +
                ",\"data\":" + std::string(state->text()) + "}");
    print("{\"event\":\"holding\"}");
  }

 private:
  void send(mla::StateSink& sink) {
    sink.send(
        mla::State::json("{\"writer\":\"" + options_.name + "\",\"tick\":" + std::to_string(tick_) + "}"));
  }

  const Options& options_;
  std::vector<mla::ExposeContract> contracts_;
  std::map<std::string, mla::StateSink> sinks_;
  Clock::time_point due_{};
  std::uint64_t tick_ = 0;
  bool holding_ = false;
};

class Observer {
 public:
  Observer(mla::Exchange& exchange, const Options& options, Bell& bell) {
    auto add = [&](mla::ObserveContractBuilder builder) {
      contracts_.push_back(builder.build());
      contracts_.back().on_ready([&bell] { bell.ring(); });
    };
    add(exchange.tag_observe_contract(by_tag_tag()));
    for (int n = 0; n < options.objects; n += 2) add(exchange.object_observe_contract(object(n)));
  }

  void take_events() {
    for (auto& contract : contracts_)
      while (auto event = contract.try_next_event()) {
        if (event->kind == mla::ObserveEventKind::ended) {
          print(head("ended", *event->object) + "}");
        } else if (event->kind == mla::ObserveEventKind::state) {
          const mla::State& state = event->state;
          print(head("state", *event->object) + stamp(state.epoch(), state.version()) + ",\"synchronized\":" +
                (state.synchronized() ? "true" : "false") + ",\"data\":" + std::string(state.text()) + "}");
        }
      }
  }

 private:
  std::vector<mla::ObserveContract> contracts_;
};

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string key = argv[i], value = argv[i + 1];
    if (key == "--role")
      options.role = value;
    else if (key == "--up")
      options.up.push_back(value);
    else if (key == "--listen")
      options.listen = value;
    else if (key == "--name")
      options.name = value;
    else if (key == "--objects")
      options.objects = std::atoi(value.c_str());
    else if (key == "--period-ms")
      options.period = std::chrono::milliseconds(std::atoi(value.c_str()));
    else if (key == "--priority")
      options.priority = std::atoi(value.c_str());
    else
      return std::nullopt;
  }
  if (argc % 2 == 0 || (options.role != "expose" && options.role != "observe")) return std::nullopt;
  return options;
}

int run(const Options& options) {
  Bell bell;
  mla::Exchange exchange({.name = options.name});
  std::optional<mla::WebsocketListener> listener;
  if (!options.listen.empty()) {
    listener.emplace(exchange, options.listen);
    print("{\"event\":\"listening\",\"url\":\"" + listener->url() + "\"}");
  }
  std::optional<mla::WebsocketConnector> up;
  if (!options.up.empty()) up.emplace(exchange, options.up);

  std::optional<Exposer> exposer;
  std::optional<Observer> observer;
  if (options.role == "expose")
    exposer.emplace(exchange, options, bell);
  else
    observer.emplace(exchange, options, bell);

  std::thread([&bell] {
    for (std::string word; std::getline(std::cin, word);) bell.command(word);
    bell.command("quit");
  }).detach();

  for (;;) {
    bell.wait_until(exposer ? exposer->due() : Clock::now() + std::chrono::seconds(1));
    if (exposer) {
      exposer->take_events();
      exposer->update_when_due(Clock::now());
    }
    if (observer) observer->take_events();
    for (const std::string& word : bell.take_commands()) {
      if (word == "hold" && exposer) exposer->hold();
      // Without destructors: the thread on standard input still refers to the bell.
      if (word == "quit") std::_Exit(0);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (!options) {
    std::cerr << "usage: leaf --role expose|observe [--up URL]... [--listen URL] [--name NAME] [--objects N] "
                 "[--period-ms N] "
                 "[--priority N]\n";
    return 2;
  }
  try {
    return run(*options);
  } catch (const mla::Error& error) {
    std::cerr << "leaf: " << error.what() << '\n';
    return 1;
  }
}
