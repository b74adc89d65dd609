#pragma once
#include <mla.h>
#include <mla/descriptor.h>
#include <mla/result.h>

#include <cstddef>
#include <string>
#include <vector>

namespace mla::ffi {

/// Lists of texts as C passes them. Throws Error: argument.
std::vector<std::string> texts_of(const char* const* texts, std::size_t count, const char* what);
/// Errors: those of ObjectDescriptor::parse. Throws Error: argument.
Result<ObjectDescriptor> object_of(const char* const* tags, std::size_t tag_count, const char* json);

}  // namespace mla::ffi
