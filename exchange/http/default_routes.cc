#include <utility>

#include "exchange/http/admin_server.h"

namespace mla::http {
namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '&':
        result += "&amp;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

// Plain on purpose: it needs nothing but the listener itself.
std::string page(const std::string& name) {
  return "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>" + escaped(name) +
         "</title>\n<style>body{font:16px "
         "system-ui;margin:2em;max-width:60em}pre{background:#8881;padding:1em;"
         "overflow:auto}</style>\n<h1>" +
         escaped(name) +
         "</h1>\n<p><a href=\"/varz\">/varz</a> · <a href=\"/healthz\">/healthz</a></p>\n<pre "
         "id=\"varz\">…</pre>\n"
         "<script>\nconst show = async () => {\n"
         "  try { varz.textContent = JSON.stringify(await (await fetch('/varz')).json(), null, 2); }\n"
         "  catch (e) { varz.textContent = String(e); }\n"
         "  setTimeout(show, 1000);\n};\nconst varz = "
         "document.getElementById('varz');\nshow();\n</script>\n</html>\n";
}

}  // namespace

Routes default_routes(std::string name, std::function<void(std::function<void(std::string json)>)> varz) {
  Routes routes;
  routes["/"] = [text = page(name)](const Request&, const Respond& respond) {
    respond({200, "text/html; charset=utf-8", text});
  };
  routes["/healthz"] = [](const Request&, const Respond& respond) {
    respond({200, "text/plain; charset=utf-8", "ok\n"});
  };
  routes["/varz"] = [varz = std::move(varz)](const Request&, Respond respond) {
    varz([respond = std::move(respond)](std::string json) {
      respond({200, "application/json", std::move(json)});
    });
  };
  return routes;
}

}  // namespace mla::http
