/// A thin skin of C++17 over mla.h, for programs that link nothing of MLA but libmla.so: handles that free themselves, errors that are
/// thrown. What each call does is said in mla.h. C++ programs that can link the C++ library use <mla/mla.h> instead.
#ifndef MLA_HPP_
#define MLA_HPP_

#include <mla.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mla_c {

class Error : public std::runtime_error {
 public:
  explicit Error(mla_status code) : std::runtime_error(mla_error_message()), code_(code) {}
  mla_status code() const { return code_; }

 private:
  mla_status code_;
};

inline void check(mla_status status) {
  if (status != MLA_OK) throw Error(status);
}

inline constexpr std::chrono::nanoseconds kForever{MLA_FOREVER};

/// Owns a handle. Movable.
template <class H, mla_status (*kFree)(H)>
class Owned {
 public:
  Owned() = default;
  explicit Owned(H handle) : handle_(handle) {}
  Owned(Owned&& other) noexcept : handle_(other.release()) {}
  Owned& operator=(Owned&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~Owned() { reset(); }

  H get() const { return handle_; }
  explicit operator bool() const { return handle_.id != 0; }
  H release() { return std::exchange(handle_, H{}); }
  void reset(H handle = {}) {
    if (handle_.id) kFree(handle_);
    handle_ = handle;
  }

 private:
  H handle_{};
};

class Object : public Owned<mla_object, mla_object_free> {
 public:
  using Owned::Owned;
  std::string_view canonical() const {
    const char* text = nullptr;
    check(mla_object_canonical(get(), &text));
    return text;
  }
  std::string_view json() const {
    const char* text = nullptr;
    check(mla_object_json(get(), &text));
    return text;
  }
};

class State : public Owned<mla_state, mla_state_free> {
 public:
  using Owned::Owned;
  /// What it points to lives as long as this.
  mla_state_view view() const {
    mla_state_view view{};
    view.size = sizeof view;
    check(mla_state_get(get(), &view));
    return view;
  }
  std::string_view data() const {
    const mla_state_view all = view();
    return {static_cast<const char*>(all.data), all.data_size};
  }
};

enum class Sent { accepted, stale, ended };
struct SendResult {
  Sent outcome = Sent::ended;
  std::vector<std::int64_t> version;  ///< the state's; for stale what it must exceed
};

class Sink : public Owned<mla_sink, mla_sink_free> {
 public:
  using Owned::Owned;
  SendResult send(std::string_view data, std::initializer_list<const char*> formats,
                  const std::vector<std::int64_t>& version = {}) {
    mla_send_result result{};
    result.size = sizeof result;
    const mla_status status = mla_sink_send(get(), data.data(), data.size(), formats.begin(), formats.size(), version.data(),
                                            version.size(), &result);
    if (status == MLA_E_ENDED) return {};
    if (status != MLA_E_STALE) check(status);
    return {status == MLA_OK ? Sent::accepted : Sent::stale, {result.version, result.version + result.version_count}};
  }
  SendResult json(std::string_view text) { return send(text, {"JSON"}); }
  void decline(const char* reason, std::chrono::nanoseconds retry_after = {}) {
    check(mla_sink_decline(get(), reason, retry_after.count()));
  }
  /// MLA_END_NONE while it lasts.
  std::uint32_t end_reason() const {
    std::uint32_t reason = 0;
    check(mla_sink_end_reason(get(), &reason));
    return reason;
  }
  bool wait_end(std::chrono::nanoseconds limit) {
    const mla_status status = mla_sink_wait_end(get(), limit.count());
    if (status != MLA_E_TIMED_OUT) check(status);
    return status == MLA_OK;
  }
};

/// One mla_event, whose handles free themselves.
struct Event {
  std::uint32_t kind = 0;    ///< MLA_EVENT_…
  std::uint32_t reason = 0;  ///< MLA_END_…
  std::uint32_t standing = 0;
  Object object;
  State state;
  Sink sink;
  std::string text;
};

class Contract : public Owned<mla_contract, mla_contract_free> {
 public:
  using Owned::Owned;
  /// Nothing when the time is up or the contract has ended; then ended() is true.
  std::optional<Event> next(std::chrono::nanoseconds limit = kForever) {
    mla_event event{};
    event.size = sizeof event;
    const mla_status status = mla_contract_next_event(get(), limit.count(), &event);
    if (status == MLA_E_TIMED_OUT || status == MLA_E_ENDED) return std::nullopt;
    check(status);
    return Event{event.kind, event.reason, event.standing, Object(event.object), State(event.state), Sink(event.sink), event.text};
  }
  bool ended() const {
    std::uint32_t reason = 0;
    check(mla_contract_end_reason(get(), &reason));
    return reason != MLA_END_NONE;
  }
};

/// An exchange, linked to a parent when there is a URL.
class Exchange : public Owned<mla_exchange, mla_exchange_free> {
 public:
  explicit Exchange(const char* url = nullptr) {
    mla_exchange made{};
    check(mla_exchange_new({}, nullptr, &made));
    reset(made);
    if (!url) return;
    mla_connector up{};
    check(mla_connector_new(made, &url, 1, nullptr, &up));
    up_ = Owned<mla_connector, mla_connector_free>(up);
  }
  bool wait_linked(std::chrono::nanoseconds limit) { return mla_connector_wait_linked(up_.get(), limit.count()) == MLA_OK; }

  /// All are JSON texts. `options.size` is set here.
  Contract contract(std::uint32_t kind, const std::vector<const char*>& tags, const char* json = nullptr, mla_contract_options options = {}) {
    options.size = sizeof options;
    mla_contract made{};
    check(mla_contract_new(get(), kind, tags.data(), tags.size(), json, &options, &made));
    return Contract(made);
  }
  Contract observe(const std::vector<const char*>& tags, const char* json) { return contract(MLA_OBJECT_OBSERVE, tags, json); }
  Contract observe_tag(const char* tag) { return contract(MLA_TAG_OBSERVE, {tag}); }
  Contract expose(const std::vector<const char*>& tags, const char* json) { return contract(MLA_OBJECT_EXPOSE, tags, json); }
  Contract expose_tag(const char* tag) { return contract(MLA_TAG_EXPOSE, {tag}); }

  State get_state(const std::vector<const char*>& tags, const char* json, std::chrono::nanoseconds limit) {
    mla_state state{};
    check(mla_get(get(), tags.data(), tags.size(), json, limit.count(), &state));
    return State(state);
  }

 private:
  Owned<mla_connector, mla_connector_free> up_;
};

}  // namespace mla_c

#endif  // MLA_HPP_
