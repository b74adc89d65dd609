#include "router/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>

#include "contracts/json_writer.h"

namespace mla::router {
namespace {

constexpr char kTime[] = "%Y-%m-%dT%H:%M:%S.%e%z";

/// {"time":"…","level":"info","message":"…"}
class JsonFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    spdlog::memory_buf_t time;
    time_.format(message, time);
    const auto level = spdlog::level::to_string_view(message.level);
    JsonWriter w;
    w.begin_object().member("time", std::string_view(time.data(), time.size()));
    w.member("level", std::string_view(level.data(), level.size()));
    w.member("message", std::string_view(message.payload.data(), message.payload.size())).end_object();
    out.append(w.text().data(), w.text().data() + w.text().size());
    out.push_back('\n');
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }

 private:
  spdlog::pattern_formatter time_{kTime, spdlog::pattern_time_type::local, ""};
};

}  // namespace

void start_log(std::string_view level, std::string_view format) {
  const char* no_colour = std::getenv("NO_COLOR");
  const auto mode = no_colour && *no_colour ? spdlog::color_mode::never : spdlog::color_mode::automatic;
  auto log =
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(mode));
  spdlog::set_default_logger(std::move(log));
  change_log(level, format);
}

void change_log(std::string_view level, std::string_view format) {
  const auto log = spdlog::default_logger();
  if (format == "json")
    log->set_formatter(std::make_unique<JsonFormatter>());
  else
    log->set_pattern(std::string(kTime) + " %^%l%$ %v");
  log->set_level(spdlog::level::from_str(std::string(level)));
}

}  // namespace mla::router
