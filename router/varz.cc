#include "router/varz.h"

#include "contracts/json_writer.h"

namespace mla::router {
namespace {

void write_limits(JsonWriter& w, const Limits& limits) {
  w.key("limits").begin_object();
  for (const auto& row : limit_rows(limits)) {
    w.key(row.name).begin_object().member("value", row.value).member("default", row.standard);
    w.member("unit", row.unit).member("text", row.text).end_object();
  }
  w.end_object();
}

}  // namespace

std::string to_json(const Varz& varz) {
  JsonWriter w;
  w.begin_object().member("pid", varz.pid);
  description::write_node(w, varz.node);
  write_limits(w, varz.limits);
  w.key("memory");
  if (varz.memory) {
    w.begin_object()
        .member("allocated_bytes", varz.memory->allocated)
        .member("active_bytes", varz.memory->active);
    w.member("resident_bytes", varz.memory->resident)
        .member("mapped_bytes", varz.memory->mapped)
        .end_object();
  } else {
    w.null();
  }
  w.end_object();
  return w.take();
}

}  // namespace mla::router
