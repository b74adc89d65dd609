// MLA as a peer of the load generator, over its plug-in interface (plugin.h): every connection is an exchange of its own, all on
// one manual runtime. Objects are {"tags":["load"],"json":TOPIC}. MLA_LOAD_DELTA=0: no differences, in what leaves this process.
#include <mla/mla.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <plugin.h>

#include "tools/mla/bench/sockets.h"

using namespace mla;
using namespace std::chrono_literals;

namespace {

namespace bench = cli::bench;

struct Connection;

/// One observed object. Its contract says when there is something; that is within poll().
struct Observed {
  Connection* connection = nullptr;
  std::optional<ObserveContract> contract;
  int number = 0;  // of the connection
  bool acknowledged = false;
};

struct Connection {
  int number = 0;
  std::unique_ptr<Exchange> exchange;
  std::unique_ptr<WebsocketConnector> connector;
  bool linked = false;
  std::deque<Observed> observed;
  std::vector<int> chunks;  // of observe(): how many are not acknowledged yet
  std::optional<ExposeContract> exposing;
  std::vector<std::optional<StateSink>> sinks;  // by topic
};

lg_sink g_sink;
std::unique_ptr<Runtime> g_runtime;
std::unordered_map<int, std::unique_ptr<Connection>> g_connections;
Connection* g_producer = nullptr;
bool g_elected = false;
int g_states = 0;  // received since poll() was last left
std::size_t g_linked = 0;

Limits limits() {
  Limits l;
  l.contracts_per_link = l.objects_per_link = 2'000'000;
  const char* const delta = std::getenv("MLA_LOAD_DELTA");
  if (delta && std::strcmp(delta, "0") == 0) l.delta_bytes = 0;
  return l;
}

int init(const char*, const lg_sink* sink) {
  g_sink = *sink;
  g_runtime = std::make_unique<Runtime>(manual);
  return 0;
}

int open(int number, int, const char* url) {
  auto connection = std::make_unique<Connection>();
  connection->number = number;
  connection->exchange = std::make_unique<Exchange>(*g_runtime, ExchangeOptions{.limits = limits()});
  connection->connector = std::make_unique<WebsocketConnector>(*connection->exchange, url);
  Connection* const c = connection.get();
  c->connector->on_status([c](const ConnectorStatus& status) {
    if (status.status == LinkStatus::linked && !c->linked) {
      c->linked = true;
      ++g_linked;
      g_sink.ready(g_sink.ctx, c->number);
    } else if (status.status == LinkStatus::stale) {
      g_sink.closed(g_sink.ctx, c->number);
    }
  });
  g_connections[number] = std::move(connection);
  return 0;
}

int expose(int number, const int*, int) {
  Connection& c = *g_connections.at(number);
  g_producer = &c;
  c.exposing = c.exchange->tag_expose_contract("load").build();
  c.exposing->on_ready([] { g_elected = true; });
  return 0;
}

/// Somebody has been asked to produce it, so the interest has crossed the tree.
void acknowledge(Observed& o) {
  if (o.acknowledged) return;
  o.acknowledged = true;
  Connection& c = *o.connection;
  for (int& left : c.chunks) {
    if (left == 0) continue;
    if (--left == 0) g_sink.ready(g_sink.ctx, c.number);
    return;
  }
}

void look(Observed& o) {
  while (auto e = o.contract->try_next_event()) {
    if (e->kind == ObserveEventKind::standing && e->standing.kind != StandingKind::unexposed) acknowledge(o);
    if (e->kind != ObserveEventKind::state) continue;
    acknowledge(o);
    const auto data = e->state.data();
    g_sink.msg(g_sink.ctx, o.number, reinterpret_cast<const char*>(data.data()), data.size());
    ++g_states;
  }
}

int observe(int number, const int* topics, int n) {
  Connection& c = *g_connections.at(number);
  c.chunks.push_back(n);
  for (int i = 0; i < n; ++i) {
    Observed& o = c.observed.emplace_back();
    o.connection = &c;
    o.number = number;
    o.contract = c.exchange->object_observe_contract({{"load"}, Json(topics[i])}).build();
    o.contract->on_ready([&o] { look(o); });
  }
  return 0;
}

int topic_of(const StateSink& sink) {
  return std::atoi(sink.object().json().text().c_str());
}

int publish(int number, int topic, const char* payload, size_t size) {
  Connection& c = *g_connections.at(number);
  const auto at = static_cast<std::size_t>(topic);
  if (at >= c.sinks.size() || !c.sinks[at]) return -1;
  c.sinks[at]->send(State::bytes({reinterpret_cast<const std::byte*>(payload), size}, {"BYTES"}));
  return 0;
}

int flush(int) {
  return 0;
}

/// Nothing queues: a sink holds its newest state.
size_t backlog(int) {
  return 0;
}

int poll(std::int64_t timeout_ns) {
  g_runtime->poll_for(std::chrono::nanoseconds(timeout_ns));
  if (g_elected && g_producer) {
    g_elected = false;
    while (auto event = g_producer->exposing->try_next_event()) {
      const auto topic = static_cast<std::size_t>(topic_of(*event->sink));
      auto& sinks = g_producer->sinks;
      if (topic >= sinks.size()) sinks.resize(topic + 1);
      if (event->kind == ExposeEventKind::elected)
        sinks[topic] = *event->sink;
      else if (event->kind == ExposeEventKind::withdrawn)
        sinks[topic].reset();
    }
  }
  return std::exchange(g_states, 0);
}

void pause(int, int) {}

/// Bytes of all connections, heads of frames included, as the kernel counts them. They are asked in turn: all at once, a thousand
/// would hold up what is measured. The producer is asked each time, for most of what is sent is its: the generator connects it
/// last, so it has the highest descriptor.
class Counter {
 public:
  void look() {
    const auto now = std::chrono::steady_clock::now();
    const auto due = (now - looked_) / kEach;
    if (due == 0) return;
    looked_ = now;
    if (links_ != g_linked && now - found_ > kFind) find(now);
    if (counted_.empty()) return;
    ask(counted_.back());
    for (auto left = std::min<std::size_t>(static_cast<std::size_t>(due), counted_.size()); left > 0; --left) {
      next_ = (next_ + 1) % counted_.size();
      ask(counted_[next_]);
    }
  }
  const bench::StreamBytes& sum() const { return sum_; }

 private:
  static constexpr auto kEach = 500us;  // 1000 connections: each twice a second
  static constexpr auto kFind = 50ms;
  struct Counted {
    int socket;
    bench::StreamBytes bytes;
  };

  /// While links are made, before anything is measured.
  void find(std::chrono::steady_clock::time_point now) {
    found_ = now;
    links_ = g_linked;
    counted_.clear();
    sum_ = {};
    for (const int socket : bench::tcp_connections()) ask(counted_.emplace_back(Counted{socket, {}}));
  }

  void ask(Counted& counted) {
    const auto bytes = bench::bytes_of(counted.socket);
    if (!bytes) return;
    sum_.received += bytes->received - counted.bytes.received;
    sum_.sent += bytes->sent - counted.bytes.sent;
    counted.bytes = *bytes;
  }

  std::vector<Counted> counted_;
  std::size_t links_ = 0, next_ = 0;
  bench::StreamBytes sum_;
  std::chrono::steady_clock::time_point looked_{}, found_{};
};

Counter g_counter;

void stats(std::uint64_t* received, std::uint64_t* sent) {
  g_counter.look();
  *received = g_counter.sum().received;
  *sent = g_counter.sum().sent;
}

void close_all() {
  g_connections.clear();
  g_runtime.reset();
}

const lg_plugin kPlugin = {LG_ABI, init, open, expose, observe, publish, flush, backlog, poll, pause, stats, close_all};

}  // namespace

extern "C" __attribute__((visibility("default"))) const lg_plugin* lg_plugin_get(void) {
  return &kPlugin;
}
