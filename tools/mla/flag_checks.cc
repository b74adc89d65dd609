#include "tools/mla/flag_checks.h"

#include <algorithm>

namespace mla::cli {

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most, const std::string& range) {
  return CLI::Validator(
      [least, most, range](std::string& typed) {
        const bool digits =
            !typed.empty() && typed.size() < 19 &&
            std::all_of(typed.begin(), typed.end(), [](char c) { return c >= '0' && c <= '9'; });
        const std::uint64_t value = digits ? std::stoull(typed) : 0;
        return digits && value >= least && value <= most ? std::string()
                                                         : "\"" + typed + "\" is no whole number " + range;
      },
      "");
}

}  // namespace mla::cli
