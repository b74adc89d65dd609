#pragma once
#include <mla/error.h>

#include <stdexcept>
#include <string>

namespace mla::cli {

/// What the process ends with; the numbers are fixed, scripts rely on them.
enum class ExitCode : int {
  ok = 0,
  failed = 1,
  usage = 2,  ///< arguments or configuration
  cannot_connect = 3,
  denied = 4,
  timed_out = 5,
  absent = 6,  ///< no such object, or nobody exposes it
  interrupted = 130,
};

inline ExitCode exit_code(ErrorCode error) {
  switch (group(error)) {
    case ErrorGroup::none:
      return ExitCode::ok;
    case ErrorGroup::usage:
      return ExitCode::usage;
    case ErrorGroup::connection:
      return ExitCode::cannot_connect;
    case ErrorGroup::denied:
      return ExitCode::denied;
    case ErrorGroup::timeout:
      return ExitCode::timed_out;
    case ErrorGroup::absent:
      return ExitCode::absent;
    case ErrorGroup::limit:
    case ErrorGroup::protocol:
    case ErrorGroup::internal:
      break;
  }
  return ExitCode::failed;
}

/// A verb cannot go on: what to tell, and what to end with.
class Failed : public std::runtime_error {
 public:
  Failed(ExitCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace mla::cli
