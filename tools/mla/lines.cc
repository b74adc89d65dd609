#include "tools/mla/lines.h"

#include <simdjson.h>

#include <algorithm>

#include "contracts/json_writer.h"
#include "tools/mla/json_text.h"

namespace mla::cli {
namespace {

JsonWriter begin(std::string_view event, const ObjectDescriptor& object) {
  JsonWriter w;
  w.begin_object().member("event", event).key("object").raw(object.to_json());
  return w;
}

std::string reason_line(std::string_view event, const ObjectDescriptor& object, EndReason reason) {
  auto w = begin(event, object);
  w.member("reason", to_string(reason)).end_object();
  return w.take();
}

std::string_view top_label(const State& state) {
  return state.format().empty() ? std::string_view() : std::string_view(state.format().back());
}

}  // namespace

std::string base64(std::span<const std::byte> bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < n ? static_cast<std::uint32_t>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::string state_line(const ObjectDescriptor& object, const State& state) {
  auto w = begin("state", object);
  w.member("epoch", state.epoch().counter);
  w.key("version").begin_array();
  for (const auto item : state.version().items()) w.value(item);
  w.end_array().key("format").begin_array();
  for (const auto& label : state.format()) w.value(label);
  w.end_array();
  w.member("synchronized", state.synchronized())
      .member("age_us", state.age().count())
      .member("skipped", state.skipped());
  const auto label = top_label(state);
  if (label == "JSON")
    if (const auto json = compact_json(state.text())) return w.key("data").raw(*json).end_object().take();
  if ((label == "JSON" || label == "TEXT") && is_utf8(state.text()))
    w.member("text", state.text());
  else
    w.member("base64", base64(state.data()));
  return w.end_object().take();
}

std::string standing_line(const ObjectDescriptor& object, const Standing& standing) {
  auto w = begin("standing", object);
  w.member("standing", to_string(standing.kind)).key("reason");
  if (standing.reason.empty())
    w.null();
  else
    w.value(standing.reason);
  return w.end_object().take();
}

std::string ended_line(const ObjectDescriptor& object, EndReason reason) {
  return reason_line("ended", object, reason);
}
std::string withdrawn_line(const ObjectDescriptor& object, EndReason reason) {
  return reason_line("withdrawn", object, reason);
}

std::string elected_line(const ObjectDescriptor& object, const Epoch& epoch) {
  auto w = begin("elected", object);
  w.member("epoch", epoch.counter).end_object();
  return w.take();
}

std::string confirmed_line(const ObjectDescriptor& object, const Version& version, std::uint64_t observers) {
  auto w = begin("confirmed", object);
  w.key("version").begin_array();
  for (const auto item : version.items()) w.value(item);
  w.end_array().member("observers", observers).end_object();
  return w.take();
}

std::string show_state(const State& state) {
  const auto label = top_label(state);
  if (label == "JSON")
    if (const auto json = compact_json(state.text())) return without_controls(*json);
  if ((label != "JSON" && label != "TEXT") || !is_utf8(state.text())) return base64(state.data());
  const std::string text(state.text());
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
  if (plain && without_controls(text) == text) return text;
  std::string quoted;
  append_json_string(text, quoted);
  return without_controls(quoted);
}

}  // namespace mla::cli
