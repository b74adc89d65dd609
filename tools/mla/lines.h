#pragma once
#include <mla/descriptor.h>
#include <mla/epoch.h>
#include <mla/standing.h>
#include <mla/state.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// The lines of --jsonl, without their ends. Their members are fixed: scripts read them.
namespace mla::cli {

/// {"event":"state","object":{…},"epoch":3,"version":[3,7],"format":["JSON"],"synchronized":true,"age_us":0,"skipped":0,"data":…}
/// `data` is the JSON value when the top label is JSON, `"text"` for TEXT, else `"base64"`; bytes that are
/// not what their label says are shown as text or base64 too.
std::string state_line(const ObjectDescriptor& object, const State& state);
std::string standing_line(const ObjectDescriptor& object, const Standing& standing);
std::string ended_line(const ObjectDescriptor& object, EndReason reason);
std::string elected_line(const ObjectDescriptor& object, const Epoch& epoch);
std::string confirmed_line(const ObjectDescriptor& object, const Version& version, std::uint64_t observers);
std::string withdrawn_line(const ObjectDescriptor& object, EndReason reason);

/// The state's bytes on one line for people: JSON without blanks, text as it is (quoted when it has control
/// characters), else base64.
std::string show_state(const State& state);

std::string base64(std::span<const std::byte> bytes);  ///< RFC 4648, with padding
bool is_utf8(std::string_view text);

}  // namespace mla::cli
