#include "exchange/describe/node_json.h"

#include <simdjson.h>

#include <catch2/catch.hpp>

namespace node_json_test {

using namespace mla;
using namespace mla::description;

namespace {

Node a_node(std::size_t children, const std::string& name) {
  Node node{.version = "1.2.3", .uptime = std::chrono::seconds(5), .listening = {"ws://127.0.0.1:1"}};
  node.exchange.name = name;
  node.exchange.node = NodeId{0xABC};
  node.exchange.path = {NodeId{1}, NodeId{0xABC}};
  for (std::size_t i = 0; i < children; ++i)
    node.exchange.links.push_back(
        {.link = static_cast<std::uint32_t>(i + 1), .ready = true, .peer = NodeId{i + 100}, .peer_name = name});
  // Last, as after a parent came back.
  node.exchange.links.push_back({.link = 20'000, .to_parent = true, .ready = true, .peer = NodeId{1}, .peer_name = "up"});
  return node;
}

}  // namespace

TEST_CASE("describe: the node object says who it is, to whom it is linked and what it counts") {
  Node node = a_node(1, "mid");
  node.exchange.objects = 4;
  node.exchange.links[0].round_trip = std::chrono::microseconds(80);
  node.exchange.links[0].rates = LinkRates{.bytes_in = 12.34};
  simdjson::dom::parser parser;
  const auto json = parser.parse(simdjson::padded_string(node_json(node)));
  CHECK(json["node"].get_string().value() == "0000000000000abc");
  CHECK(json["name"].get_string().value() == "mid");
  CHECK(json["path"].at(0).get_string().value() == "0000000000000001");
  CHECK(json["parent"]["node"].get_string().value() == "0000000000000001");
  CHECK(json["parent"]["name"].get_string().value() == "up");
  CHECK(json["counters"]["objects"].get_uint64().value() == 4);
  CHECK(json["links_total"].get_uint64().value() == 2);
  const auto up = json["links"].at(0), child = json["links"].at(1);  // the one upward comes first
  CHECK(up["role"].get_string().value() == "parent");
  CHECK(up["round_trip_us"].is_null());  // not measured, which is not the same as 0
  CHECK(up["rates"].is_null());
  CHECK(child["peer"].get_string().value() == "0000000000000064");
  CHECK(child["round_trip_us"].get_uint64().value() == 80);
  CHECK(child["rates"]["bytes_in"].get_double().value() == 12.3);
}

TEST_CASE("describe: ten thousand links with the worst names stay within 64 KiB, the one upward among them") {
  const Node node = a_node(10'000, std::string(256, '\x01'));
  const std::string text = node_json(node);
  CHECK(text.size() <= kAnswerBytes);
  simdjson::dom::parser parser;
  const auto json = parser.parse(simdjson::padded_string(text));
  CHECK(json["links_total"].get_uint64().value() == 10'001);
  CHECK(json["links"].at(0)["peer_name"].get_string().value() == "up");
  CHECK(json["links"].get_array().value().size() > 10);
}

}  // namespace node_json_test
