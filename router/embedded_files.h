#pragma once
#include <span>
#include <string_view>

namespace mla {

/// A file that was put into the program when it was built. *value*
struct EmbeddedFile {
  std::string_view name, bytes;
};
/// Defined by a source that CMake makes (tools/cmake/MlaEmbed.cmake).
std::span<const EmbeddedFile> embedded_files();

}  // namespace mla
