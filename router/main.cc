#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "router/arguments.h"
#include "router/config_file.h"
#include "router/log.h"
#include "router/serve.h"

namespace {

constexpr int kUsage = 2;

int refuse(const std::string& why) {
  std::fprintf(stderr, "mla-router: %s\n", why.c_str());
  return kUsage;
}

/// A standard descriptor that the caller closed would be given to the next socket, and what is logged be
/// written into a link.
void fill_standard_descriptors() {
  int descriptor = ::open("/dev/null", O_RDWR);
  while (descriptor >= 0 && descriptor <= 2) descriptor = ::open("/dev/null", O_RDWR);
  if (descriptor > 2) ::close(descriptor);
}

int run(int argc, char** argv) {
  using namespace mla::router;
  const auto parsed = parse_arguments(argc, argv);
  if (const auto* end = std::get_if<EndWith>(&parsed)) {
    std::fputs(end->text.c_str(), end->status == 0 ? stdout : stderr);
    return end->status;
  }
  const auto& line = std::get<CommandLine>(parsed);
  Choices file;
  if (line.config) {
    auto read = read_config(*line.config);
    if (const auto* error = std::get_if<ConfigError>(&read)) return refuse(to_string(*error, *line.config));
    file = std::get<Choices>(std::move(read));
  }
  const Settings settings =
      resolve(line.choices, from_environment([](const char* name) { return std::getenv(name); }), file);
  if (const std::string wrong = complaint(settings); !wrong.empty()) return refuse(wrong);
  start_log(settings.log_level, settings.log_format);
  return serve(settings);
}

}  // namespace

int main(int argc, char** argv) {
  fill_standard_descriptors();
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mla-router: %s\n", error.what());
    return 1;
  }
}
