#pragma once
#include <mla/link_event.h>

#include <string>

namespace mla::ffi {

/// One line for people: "linked to the parent west at 10.0.0.1:3001".
std::string log_text(const LinkEvent& event);

}  // namespace mla::ffi
