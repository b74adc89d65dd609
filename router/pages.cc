#include "router/pages.h"

#include <string>

#include "router/embedded_files.h"

namespace mla::router {
namespace {

// Nothing is loaded from elsewhere, and nothing written in a page is run.
constexpr char kPolicy[] =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:";

std::string_view type_of(std::string_view file) {
  const std::string_view ending = file.substr(file.rfind('.'));
  if (ending == ".html") return "text/html; charset=utf-8";
  if (ending == ".js") return "text/javascript; charset=utf-8";
  if (ending == ".css") return "text/css; charset=utf-8";
  if (ending == ".svg") return "image/svg+xml";
  return "application/wasm";
}

}  // namespace

void add_pages(http::Routes& routes) {
  for (const EmbeddedFile& file : embedded_files()) {
    const std::string path = file.name == "index.html" ? "/" : "/" + std::string(file.name);
    routes[path] = [&file](const http::Request&, const http::Respond& respond) {
      respond({200,
               std::string(type_of(file.name)),
               std::string(file.bytes),
               {{"Content-Security-Policy", kPolicy}, {"Referrer-Policy", "no-referrer"}}});
    };
  }
}

}  // namespace mla::router
