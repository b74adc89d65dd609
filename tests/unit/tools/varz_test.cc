#include "router/varz.h"

#include <catch2/catch.hpp>

#include "router/metrics.h"

namespace varz_test {

using namespace mla;
using namespace mla::router;

TEST_CASE("/varz is one JSON object with limits, links, counters and memory") {
  Varz v{.node = {.version = "1.2.3", .uptime = std::chrono::seconds(5), .listening = {"ws://127.0.0.1:1"}},
         .pid = 77};
  v.node.exchange.name = "a \"b\"";
  v.node.exchange.node = NodeId{0xABC};
  v.node.exchange.objects = 4;
  v.node.exchange.links.push_back({.link = 1,
                              .to_parent = true,
                              .ready = true,
                              .peer = NodeId{1},
                              .round_trip = std::chrono::microseconds(80)});
  v.node.parent = {"ws://up:1", "linked", ErrorCode::ok, ""};
  v.memory = MemoryUse{10, 20, 30, 40};
  const std::string json = to_json(v);
  for (const char* part :
       {R"("version":"1.2.3")", R"("name":"a \"b\"")", R"("node":"0000000000000abc")", R"("uptime_s":5)",
        R"("objects":4)", R"("role":"parent")", R"("round_trip_us":80)", R"("status":"linked")",
        R"("resident_bytes":30)", R"("state_bytes":{"value":1048576,"default":1048576,"unit":"B")"})
    CHECK(json.find(part) != std::string::npos);
}

TEST_CASE("/varz has the further engines of a router with threads, and /metrics the sums over all") {
  const LinkInfo within{.link = 1, .ready = true, .address = "inproc", .states_in = 1000};
  Varz v;
  v.node.exchange.links = {within, {.link = 2, .ready = true, .states_in = 1}};
  v.engines.resize(2);
  v.engines[0].name = "x/1";
  v.engines[0].links = {{.link = 1, .to_parent = true, .ready = true, .address = "inproc"},
                        {.link = 2, .ready = true, .states_in = 2}};
  v.engines[1].links = {{.link = 2, .ready = true, .states_in = 4}};
  v.engines[1].gone_children.states_in = 8;
  CHECK(to_json(v).find(R"("engines":[{"node":"0000000000000000","name":"x/1")") != std::string::npos);
  const std::string metrics = to_metrics(v);
  CHECK(metrics.find("mla_links{role=\"child\"} 3\n") != std::string::npos);
  CHECK(metrics.find("mla_links{role=\"parent\"} 0\n") != std::string::npos);
  CHECK(metrics.find("mla_link_received_states_total{role=\"child\"} 15\n") != std::string::npos);
}

TEST_CASE("The allocator's figures fit together") {
  const auto use = memory_use();
#ifdef MLA_JEMALLOC
  REQUIRE(use.has_value());
  CHECK(use->allocated > 0u);
  CHECK(use->allocated <= use->active);
  CHECK(use->active <= use->resident);
#else
  CHECK_FALSE(use.has_value());
#endif
}

}  // namespace varz_test
