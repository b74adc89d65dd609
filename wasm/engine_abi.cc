#include <emscripten/emscripten.h>
#include <mla/descriptor.h>
#include <mla/error.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exchange/engine/engine.h"
#include "wasm/action_json.h"

// The engine as JavaScript calls it: plain numbers, and bytes and texts through one buffer on each side. Times are
// milliseconds as performance.now() gives them. Identifiers of links and contracts are chosen by the caller. After each
// call that takes a time, the actions are read one by one until there are none; nothing may be fed meanwhile. No check of
// arguments: engine.mjs is the only caller.
using namespace mla;

namespace {

struct Page {
  engine::Engine engine;
  engine::Actions actions;  // of the last step
  std::size_t next = 0;     // the action to be read
  std::string text;         // of the action read last
  std::span<const std::byte> bytes;

  void step(double now, const engine::Event& event) {
    actions.clear();
    next = 0;
    engine.step(Instant(std::chrono::nanoseconds(static_cast<std::int64_t>(now * 1e6))), event, actions);
  }
};

std::vector<std::byte> g_input;

std::string_view input_text(std::size_t size) {
  return {reinterpret_cast<const char*>(g_input.data()), size};
}

/// The input's lines: none holds a line feed, which JSON text as JSON.stringify() writes it never does.
std::vector<std::string> input_lines(std::size_t size) {
  std::vector<std::string> lines(1);
  for (const char c : input_text(size)) {
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  }
  return lines;
}

}  // namespace

#define MLA_ABI extern "C" EMSCRIPTEN_KEEPALIVE

/// Room for `size` bytes, which the next call reads.
MLA_ABI std::byte* mla_input(std::size_t size) {
  g_input.resize(size);
  return g_input.data();
}

/// Input: the name that peers show.
MLA_ABI Page* mla_engine_new(std::uint32_t node_low, std::uint32_t node_high, std::uint32_t seed_low,
                             std::uint32_t seed_high, std::size_t name) {
  const std::uint64_t node = std::uint64_t{node_high} << 32 | node_low;
  const std::uint64_t seed = std::uint64_t{seed_high} << 32 | seed_low;
  return new Page{.engine = engine::Engine(
                      {.node = NodeId{node}, .seed = seed, .name = std::string(input_text(name))})};
}
MLA_ABI void mla_engine_free(Page* page) {
  delete page;
}

/// A link to the parent is there.
MLA_ABI void mla_link_up(Page* page, double now, std::uint32_t link, std::size_t bytes_free) {
  page->step(now, engine::LinkUp{.link = LinkId{link}, .role = engine::LinkRole::parent, .bytes_free = bytes_free});
}
/// Input: one message.
MLA_ABI void mla_link_message(Page* page, double now, std::uint32_t link, std::size_t size) {
  page->step(now, engine::LinkFrames{LinkId{link}, std::span(g_input).first(size)});
}
MLA_ABI void mla_link_writable(Page* page, double now, std::uint32_t link, std::size_t bytes_free) {
  page->step(now, engine::LinkWritable{LinkId{link}, bytes_free});
}
MLA_ABI void mla_link_down(Page* page, double now, std::uint32_t link) {
  page->step(now, engine::LinkDown{LinkId{link}});
}
MLA_ABI void mla_deadline_reached(Page* page, double now) {
  page->step(now, engine::DeadlineReached{});
}
/// Infinity: nothing to wait for.
MLA_ABI double mla_next_deadline(const Page* page) {
  const auto deadline = page->engine.next_deadline();
  if (!deadline) return std::numeric_limits<double>::infinity();
  return static_cast<double>(deadline->time_since_epoch().count()) / 1e6;
}

/// Input: JSON texts, one a line: the tag; or the object's value, then its tags. Answers an ErrorCode, 0 when it is open.
MLA_ABI int mla_contract_open(Page* page, double now, std::uint32_t id, int kind, std::int32_t priority,
                              std::uint32_t capacity, std::size_t size) {
  engine::OpenContract open{.id = ContractId{id},
                            .kind = static_cast<ContractKind>(kind),
                            .options = {.capacity = capacity, .priority = priority}};
  std::vector<std::string> lines = input_lines(size);
  if (by_tag(open.kind)) {
    const auto json = Json::parse(lines[0]);
    if (!json) return static_cast<int>(json.error());
    open.tag = TagDescriptor(*json);
  } else {
    const std::string value = lines[0];
    lines.erase(lines.begin());
    auto object = ObjectDescriptor::parse(lines, value);
    if (!object) return static_cast<int>(object.error());
    open.object = std::make_shared<const ObjectDescriptor>(*std::move(object));
  }
  page->step(now, open);
  return 0;
}
MLA_ABI void mla_contract_drop(Page* page, double now, std::uint32_t id) {
  page->step(now, engine::DropContract{ContractId{id}});
}
/// Input: the data, after a line with the format's labels, separated by spaces. Answers an ErrorCode.
MLA_ABI int mla_publish(Page* page, double now, double sink, std::size_t size) {
  const std::string_view input = input_text(size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  Format format;
  for (std::string_view labels = input.substr(0, end); !labels.empty();) {
    const std::size_t label = std::min(labels.find(' '), labels.size());
    format.emplace_back(labels.substr(0, label));
    labels.remove_prefix(std::min(label + 1, labels.size()));
  }
  if (const ErrorCode error = check_format(format); error != ErrorCode::ok) return static_cast<int>(error);
  const auto data = std::span(g_input).first(size).subspan(std::min(end + 1, size));
  page->step(now, engine::Publish{
                      .sink = SinkId{static_cast<std::uint64_t>(sink)},
                      .payload = std::make_shared<const Payload>(Payload{std::move(format), {data.begin(), data.end()}})});
  return 0;
}

/// Goes on to the next action. False: there is none left.
MLA_ABI bool mla_next_action(Page* page) {
  if (page->next == page->actions.size()) return false;
  page->text = wasm::action_json(page->actions[page->next], page->bytes);
  ++page->next;
  return true;
}
/// What the action is, as JSON, and the bytes that belong to it. Valid until the next call with a time.
MLA_ABI const char* mla_action_text(const Page* page) {
  return page->text.data();
}
MLA_ABI std::size_t mla_action_text_size(const Page* page) {
  return page->text.size();
}
MLA_ABI const std::byte* mla_action_bytes(const Page* page) {
  return page->bytes.data();
}
MLA_ABI std::size_t mla_action_bytes_size(const Page* page) {
  return page->bytes.size();
}
