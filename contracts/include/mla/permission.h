#pragma once
#include <mla/descriptor.h>
#include <mla/error.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace mla {

/// Who asks: the outcome of checking credentials, which happens outside the engine. *value*
struct Principal {
  std::string name;    ///< for logs; empty: no credentials were asked for
  bool admin = false;  ///< may observe and expose what is reserved
};

enum class Operation : std::uint8_t { observe, expose, admin };
std::string_view to_string(Operation operation);

enum class Permission : std::uint8_t {
  granted,
  reserved,  ///< the descriptor is reserved, and the principal is no admin
  denied,
};
std::string_view to_string(Permission permission);
ErrorCode to_error(Permission permission);  ///< ok, reserved_descriptor or permission_denied

/// True of an object with a key that starts with `$mla`: by such values the system describes itself. Only the
/// value's own keys count, not those of values within it.
bool is_reserved(const Json& json);

/// The one place that says who may do what; every path into the engine asks it, local contracts too. Without
/// rules, as now, everything is granted but what is reserved, and Operation::admin itself, to those who are
/// no admin. An object is reserved when its JSON part or one of its tags is.
Permission check(const Principal& principal, Operation operation, const TagDescriptor& tag);
Permission check(const Principal& principal, Operation operation, const ObjectDescriptor& object);

}  // namespace mla
