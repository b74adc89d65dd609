#include <mla/permission.h>

#include <algorithm>

namespace mla {
namespace {

Permission decide(const Principal& principal, Operation operation, bool reserved) {
  if (principal.admin) return Permission::granted;
  if (operation == Operation::admin) return Permission::denied;
  return reserved ? Permission::reserved : Permission::granted;
}

}  // namespace

std::string_view to_string(Operation operation) {
  switch (operation) {
    case Operation::observe:
      return "observe";
    case Operation::expose:
      return "expose";
    case Operation::admin:
      return "admin";
  }
  return "unknown";
}

std::string_view to_string(Permission permission) {
  switch (permission) {
    case Permission::granted:
      return "granted";
    case Permission::reserved:
      return "reserved";
    case Permission::denied:
      return "denied";
  }
  return "unknown";
}

ErrorCode to_error(Permission permission) {
  switch (permission) {
    case Permission::granted:
      return ErrorCode::ok;
    case Permission::reserved:
      return ErrorCode::reserved_descriptor;
    case Permission::denied:
      return ErrorCode::permission_denied;
  }
  return ErrorCode::permission_denied;
}

bool is_reserved(const Json& json) {
  // Canonical text has no white space and writes these characters without escapes, so a look at the text is
  // enough.
  constexpr std::string_view kStart = "\"$mla";
  const std::string_view text = json.text();
  if (text.empty() || text[0] != '{') return false;
  std::size_t depth = 0;
  bool at_key = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '{':
      case '[':
        at_key = ++depth == 1;
        break;
      case '}':
      case ']':
        --depth;
        break;
      case ',':
        at_key = depth == 1;
        break;
      case '"':
        if (at_key && text.substr(i, kStart.size()) == kStart) return true;
        at_key = false;
        for (++i; text[i] != '"'; ++i) {
          if (text[i] == '\\') ++i;
        }
        break;
      default:
        break;
    }
  }
  return false;
}

Permission check(const Principal& principal, Operation operation, const TagDescriptor& tag) {
  return decide(principal, operation, is_reserved(tag.json));
}

Permission check(const Principal& principal, Operation operation, const ObjectDescriptor& object) {
  const auto& tags = object.tags();
  const auto reserved_tag = [](const TagDescriptor& tag) { return is_reserved(tag.json); };
  return decide(principal, operation,
                is_reserved(object.json()) || std::any_of(tags.begin(), tags.end(), reserved_tag));
}

}  // namespace mla
