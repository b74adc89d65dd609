#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mla/epoch.h>
#include <mla/result.h>
#include <mla/shared_format.h>
#include <mla/version.h>

namespace mla {

ErrorCode check_format(const Format& format);  ///< ok or bad_format

/// The immutable part of a state, shared by all who hold it.
struct Payload {
  SharedFormat format;
  std::vector<std::byte> data;
};
using PayloadPtr = std::shared_ptr<const Payload>;

/// One state of one object, as an observer gets it or an exposer gives it. Cheap to copy (the bytes are shared). *value*
class State {
 public:
  State() = default;

  /// The text is sent as it is, with format {"JSON"}; it is not parsed here.
  static State json(std::string_view text);
  static State text(std::string_view text);  ///< format {"TEXT"}
  static State bytes(std::span<const std::byte> data, Format format);
  State&& with_version(Version version) &&;   ///< the producer's own version; without it the default one is made

  std::span<const std::byte> data() const;
  std::string_view text() const;               ///< the bytes as characters
  const Format& format() const;
  /// Pops the top label. wrong_format when it is another one.
  Result<State> unwrap(std::string_view label) const;

  const Version& version() const { return version_; }
  bool has_version() const { return has_version_; }
  const Epoch& epoch() const { return epoch_; }
  bool synchronized() const { return synchronized_; }
  std::chrono::microseconds age() const { return age_; }  ///< 0 when synchronized; else since it last was
  std::uint64_t skipped() const { return skipped_; }       ///< states of this object left out before this one
  bool skipped_exact() const { return skipped_exact_; }    ///< false: at least so many (an epoch lay between)
  std::uint64_t nth() const { return nth_; }               ///< number within its epoch, from 1, counted at the exposer

  // For the exchange's own layers.
  const PayloadPtr& payload() const { return payload_; }
  static State make(PayloadPtr payload, Epoch epoch, Version version, std::uint64_t nth) {
    State state;
    state.payload_ = std::move(payload);
    state.epoch_ = epoch;
    state.version_ = std::move(version);
    state.has_version_ = true;
    state.nth_ = nth;
    return state;
  }
  void set_freshness(bool synchronized, std::chrono::microseconds age) { synchronized_ = synchronized; age_ = age; }
  void set_skipped(std::uint64_t skipped, bool exact) { skipped_ = skipped; skipped_exact_ = exact; }

 private:
  PayloadPtr payload_;
  Epoch epoch_;
  Version version_;
  std::uint64_t nth_ = 0;
  std::uint64_t skipped_ = 0;
  std::chrono::microseconds age_{0};
  bool synchronized_ = false;
  bool skipped_exact_ = true;
  bool has_version_ = false;
};

}  // namespace mla
