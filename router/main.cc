#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "router/arguments.h"
#include "router/configuration.h"
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
  Configuration configuration(std::get<Choices>(parsed),
                              from_environment([](const char* name) { return std::getenv(name); }));
  const auto loaded = configuration.load();
  if (const auto* wrong = std::get_if<std::string>(&loaded)) return refuse(*wrong);
  const auto& settings = std::get<Settings>(loaded);
  start_log(settings.log_level, settings.log_format);
  return serve(settings, configuration);
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
