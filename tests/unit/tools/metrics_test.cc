#include "router/metrics.h"

#include <catch2/catch.hpp>

#include "router/prometheus_text.h"

namespace metrics_test {

using namespace mla;
using namespace mla::router;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("Families have a HELP and a TYPE line, samples their labels, all of it escaped") {
  PrometheusText p;
  p.counter("mla_a_total", "One \\ two\nthree \"four\".");
  p.sample(7u);
  p.sample(-1, {{"x", "a\"b\\c\nd"}, {"y", "ü"}});
  p.gauge("mla_b", "B.");
  p.sample(0.25, {{"bad", "\xff!"}});
  CHECK(p.take() ==
        "# HELP mla_a_total One \\\\ two\\nthree \"four\".\n# TYPE mla_a_total counter\nmla_a_total 7\n"
        "mla_a_total{x=\"a\\\"b\\\\c\\nd\",y=\"ü\"} -1\n# HELP mla_b B.\n# TYPE mla_b gauge\n"
        "mla_b{bad=\"?!\"} 0.25\n");
}

TEST_CASE("Metrics sum links by role, those that are gone included, so that counters never fall") {
  Varz v;
  v.node.version = "1.2.3";
  auto& x = v.node.exchange;
  x.name = "r";
  x.links.push_back({.link = 1,
                     .to_parent = true,
                     .ready = true,
                     .round_trip = std::chrono::microseconds(1500),
                     .bytes_in = 5});
  x.links.push_back({.link = 2, .ready = true, .bytes_in = 10, .states_out = 3, .queued_bytes = 4});
  x.links.push_back({.link = 3, .ready = false, .bytes_in = 20});
  std::string text = to_metrics(v);
  CHECK(has_line(text, "mla_info{version=\"1.2.3\",name=\"r\",node=\"0000000000000000\"} 1"));
  CHECK(has_line(text, "mla_links{role=\"parent\"} 1"));
  CHECK(has_line(text, "mla_links{role=\"child\"} 1"));
  CHECK(has_line(text, "mla_link_received_bytes_total{role=\"parent\"} 5"));
  CHECK(has_line(text, "mla_link_received_bytes_total{role=\"child\"} 30"));
  CHECK(has_line(text, "mla_link_queued_bytes{role=\"child\"} 4"));
  CHECK(has_line(text, "mla_parent_round_trip_seconds 0.0015"));

  x.gone_children = {.links = 2, .bytes_in = 30, .states_out = 3};
  x.links.resize(1);
  text = to_metrics(v);
  CHECK(has_line(text, "mla_links{role=\"child\"} 0"));
  CHECK(has_line(text, "mla_links_ended_total{role=\"child\"} 2"));
  CHECK(has_line(text, "mla_link_received_bytes_total{role=\"child\"} 30"));
  CHECK(has_line(text, "mla_link_sent_states_total{role=\"child\"} 3"));
}

TEST_CASE("Metrics show every limit, the reloads, and memory where it is known") {
  Varz v;
  v.reloads = {3, 1};
  std::string text = to_metrics(v);
  for (const auto& row : limit_rows(v.limits))
    CHECK(has_line(text, "mla_limit{name=\"" + std::string(row.name) + "\",unit=\"" + std::string(row.unit) +
                             "\"} " + std::to_string(row.value)));
  CHECK(has_line(text, "mla_config_reloads_total{outcome=\"applied\"} 3"));
  CHECK(has_line(text, "mla_config_reloads_total{outcome=\"refused\"} 1"));
  CHECK(text.find("mla_memory_bytes") == std::string::npos);
  v.memory = MemoryUse{1, 2, 3, 4};
  CHECK(has_line(to_metrics(v), "mla_memory_bytes{kind=\"resident\"} 3"));
}

}  // namespace metrics_test
